"""The face of the codec avatar: a code becomes geometry and texture, and they what the body is told of it."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from avgen.avatars.ca_body.layers import dense, down_blocks, growing, resize
from avgen.avatars.ca_body.sizes import SMALLEST, Sizes

VIEW_WIDTH: Final = 8
_TEXTURE_WIDTHS: Final = (256, 256, 128, 128, 64, 64, 32, 8, 3)
_ENCODER_WIDTHS: Final = (3, 4, 8, 16, 32, 64, 128, 128)


class FaceDecoder(nn.Module):
    """Face code -> face geometry and texture, as seen from in front."""

    frontal_view: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        widths = _TEXTURE_WIDTHS[-1 - sizes.levels(sizes.uv) :]
        self.bias = nn.Parameter(torch.empty(3, sizes.uv, sizes.uv))
        self.register_buffer("frontal_view", torch.empty(3))
        self.encmod = dense(sizes.face, 256)
        self.geommod = nn.Sequential(nn.Linear(256, 3 * sizes.face_vertices))
        self.viewmod = dense(3, VIEW_WIDTH)
        self.texmod2 = dense(256 + VIEW_WIDTH, widths[0] * SMALLEST**2)
        self.texmod = growing(widths, SMALLEST)

    def forward(self, code: Tensor) -> tuple[Tensor, Tensor]:
        """[B, 256] -> geometry [B, 3 n] and texture [B, 3, uv, uv] in 0..255."""
        encoded = self.encmod(code)
        view = self.viewmod(self.frontal_view).expand(len(code), -1)
        flat = self.texmod2(torch.cat([encoded, view], 1))
        texture = self.texmod(flat.view(len(code), -1, SMALLEST, SMALLEST))
        return self.geommod(encoded), (texture + self.bias + 0.5) * 255


class FaceEncoder(nn.Module):
    """Face geometry and texture -> what the body's decoder is told of the face."""

    tex_cond_mask: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.side = sizes.uv // 2
        levels = sizes.levels(self.side)
        widths = _ENCODER_WIDTHS[: levels + 1]
        self.register_buffer("tex_cond_mask", torch.empty(1, 1, self.side, self.side))
        self.conv_blocks = down_blocks(widths, self.side)
        self.geommod = dense(3 * sizes.face_vertices, 256)
        self.jointmod = dense(widths[-1] * SMALLEST**2 + 256, 512)
        self.mu = nn.Linear(512, sizes.face)

    def forward(self, geometry: Tensor, texture: Tensor) -> Tensor:
        """[B, 3 n] and [B, 3, uv, uv] in 0..255 -> [B, 256]."""
        seen = (resize(texture, self.side) / 255 - 0.5) * self.tex_cond_mask
        features = self.conv_blocks(seen).flatten(1)
        encoded: Tensor = self.mu(self.jointmod(torch.cat([features, self.geommod(geometry)], 1)))
        return encoded
