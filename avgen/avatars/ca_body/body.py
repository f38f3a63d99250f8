"""The body of the codec avatar: pose and face become how the geometry and the mean texture differ."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from avgen.avatars.ca_body.layers import ConvBlock, UntiedConv2d, dense, down_blocks, up_blocks
from avgen.avatars.ca_body.seams import Seams
from avgen.avatars.ca_body.sizes import ROOT, SMALLEST, Sizes

_ENCODER_WIDTHS: Final = (8, 16, 32, 32, 64, 128, 128)
_EMBEDDING_WIDTHS: Final = (128, 128, 128, 64, 32)
_FACE_WIDTHS: Final = (32, 64, 64, 32)
_POSE_WIDTH: Final = 16
_WIDTHS: Final = (64, 32, 16, 8, 4)
"""Of geometry, and again of texture: two groups of every block."""


class BodyEncoder(nn.Module):
    """How a body in the template's pose differs from the template -> embedding.

    At run time nothing differs: the embedding is a constant of the actor.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.side = sizes.uv // 2
        widths = _ENCODER_WIDTHS[: sizes.levels(self.side)]
        self.verts_conv = ConvBlock(3, widths[0], self.side, change=-1)
        self.joint_conv_blocks = down_blocks(widths, self.side // 2)
        self.mu = nn.Linear(widths[-1] * SMALLEST**2, sizes.embedding)

    def forward(self, difference: Tensor) -> Tensor:
        """[B, 3, uv / 2, uv / 2] -> [B, 1024]."""
        encoded: Tensor = self.mu(self.joint_conv_blocks(self.verts_conv(difference)).flatten(1))
        return encoded


class BodyDecoder(nn.Module):
    """Pose, embedding and face -> geometry and mean texture over the body's surface."""

    pose_cond_mask: Tensor
    face_cond_mask: Tensor
    body_cond_mask: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.side = side = sizes.body
        inner = sizes.pose - ROOT
        embedding = _EMBEDDING_WIDTHS[-1 - sizes.levels(side) :]
        face = _FACE_WIDTHS[-1 - sizes.levels(side // 2) :]
        self.register_buffer("pose_cond_mask", torch.empty(1, inner, side, side))
        self.register_buffer("face_cond_mask", torch.empty(1, 1, side, side))
        self.register_buffer("body_cond_mask", torch.empty(1, 1, side, side))
        self.local_pose_conv_block = ConvBlock(inner, _POSE_WIDTH, side, kernel=1)
        self.embs_fc = dense(sizes.embedding, embedding[0] * SMALLEST**2)
        self.embs_conv_block = up_blocks(embedding, SMALLEST)
        self.face_embs_fc = dense(sizes.face, face[0] * SMALLEST**2)
        self.face_embs_conv_block = up_blocks(face, SMALLEST)
        self.joint_conv_block = ConvBlock(_POSE_WIDTH + embedding[-1], _WIDTHS[0], side)
        self.conv_blocks = up_blocks(_WIDTHS, side, groups=2)
        self.verts_conv = UntiedConv2d(_WIDTHS[-1], 3, 3, sizes.uv)
        self.tex_conv = UntiedConv2d(_WIDTHS[-1], 3, 3, sizes.uv)

    def spread(self, embedding: Tensor) -> Tensor:
        """Embedding [B, 1024] over the body's surface: [B, 32, uv / 16, uv / 16]; a constant of the actor."""
        flat = self.embs_fc(embedding)
        spread: Tensor = self.embs_conv_block(flat.view(len(flat), -1, SMALLEST, SMALLEST))
        return spread * self.body_cond_mask

    def forward(self, pose: Tensor, body: Tensor, face: Tensor, seams: Seams) -> tuple[Tensor, Tensor]:
        """Decode.

        Args:
            pose: [B, 104].
            body: [1, 32, uv / 16, uv / 16], of `spread`.
            face: [B, 256], of the face's encoder.
            seams: of the maps.

        Returns:
            Displacement of the template and mean texture [B, 3, uv, uv].
        """
        told = pose[:, ROOT:, None, None] * self.pose_cond_mask
        flat = self.face_embs_fc(face)
        features = self.face_embs_conv_block(flat.view(len(flat), -1, SMALLEST, SMALLEST))
        half = self.side // 2
        surface = nn.functional.pad(features, (0, half, half, 0)) * self.face_cond_mask + body
        joint = self.joint_conv_block(torch.cat([self.local_pose_conv_block(told), surface], 1))
        maps = self.conv_blocks(torch.cat([joint, joint], 1))
        geometry, texture = seams.resample(seams.mend(maps)).chunk(2, 1)
        return self.verts_conv(geometry), self.tex_conv(texture)
