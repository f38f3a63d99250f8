"""What changes the mean texture: the direction that it is seen from, shadow, and fine detail."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from avgen.avatars.ca_body.layers import (
    SLOPE,
    UntiedConv2d,
    UntiedConvTranspose2d,
    dense,
    growing,
    resize,
)
from avgen.avatars.ca_body.sizes import SMALLEST, Sizes

VIEW_GAIN: Final = 0.1
"""Of what the direction changes."""
_LEVELS: Final = 5
_SHADOW_WIDTH: Final = 4
_SHADOW_LEVELS: Final = 4
_POSE_SHADOW_WIDTHS: Final = (256, 256, 128, 128, 64, 1)


def _rectified(layer: nn.Module) -> nn.Sequential:
    return nn.Sequential(layer, nn.LeakyReLU(SLOPE))


class UNet(nn.Module):
    """Five convolutions down and five up; what goes down is added to what comes up."""

    def __init__(self, inputs: int, outputs: int, width: int, side: int) -> None:
        super().__init__()
        widths = [inputs, *(width << k for k in range(_LEVELS))]
        for k in range(_LEVELS):
            down = _DownConv2d(widths[k], widths[k + 1], side >> (k + 1))
            back = UntiedConvTranspose2d(widths[k + 1], max(widths[k], width), side >> k)
            self.add_module(f"down{k + 1}", _rectified(down))
            self.add_module(f"up{_LEVELS - k}", _rectified(back))
        self.out = UntiedConv2d(width + inputs, outputs, 1, side)

    def forward(self, x: Tensor) -> Tensor:
        """[B, inputs, side, side] -> [B, outputs, side, side]."""
        below = [x]
        for k in range(_LEVELS):
            below.append(self.get_submodule(f"down{k + 1}")(below[-1]))
        y = below[-1]
        for k in range(_LEVELS):
            y = self.get_submodule(f"up{k + 1}")(y)
            if k < _LEVELS - 1:
                y = y + below[_LEVELS - 1 - k]
        found: Tensor = self.out(torch.cat([y, x], 1))
        return found


class _DownConv2d(UntiedConv2d):
    """A convolution to half the size, 4 texels wide."""

    def __init__(self, inputs: int, outputs: int, side: int) -> None:
        super().__init__(inputs, outputs, 4, side, 2)


class ViewNetwork(nn.Module):
    """Where the surface faces, seen from a camera, and its mean texture -> what that changes."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.unet = UNet(4, 3, 8, sizes.uv)

    def forward(self, facing: Tensor, texture: Tensor) -> Tensor:
        """[B, 1, uv, uv] in -1..1 and [B, 3, uv, uv] -> [B, 3, uv, uv]."""
        change: Tensor = self.unet(torch.cat([facing, texture], 1))
        return change * VIEW_GAIN


class ShadowNetwork(nn.Module):
    """Ambient occlusion -> how bright every place is; run on the mean, where no pose tells more."""

    ao_mean: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        side = sizes.uv // 4
        self.register_buffer("ao_mean", torch.empty(1, side, side))
        width, deepest = _SHADOW_WIDTH, _SHADOW_LEVELS - 1
        self.enc_layers = nn.ModuleList(
            _rectified(UntiedConv2d(width if k else 1, width, 3, side >> k)) for k in range(_SHADOW_LEVELS)
        )
        self.dec_layers = nn.ModuleList(
            _rectified(UntiedConv2d(2 * width if k else width, width, 3, side >> (deepest - k)))
            for k in range(_SHADOW_LEVELS)
        )
        self.shadow_pred = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, occlusion: Tensor) -> Tensor:
        """[B, 1, uv / 4, uv / 4] -> [B, 1, uv / 4, uv / 4] in 0..1."""
        x = occlusion - self.ao_mean
        passed: list[Tensor] = []
        for layer in self.enc_layers:
            x = layer(resize(x, x.shape[-1] // 2) if passed else x)
            passed.append(x)
        for k, layer in enumerate(self.dec_layers):
            beside = passed[-1 - k]
            x = layer(torch.cat([resize(x, beside.shape[-1]), beside], 1) if k else x)
        return torch.sigmoid(self.shadow_pred(x))


class PoseToShadow(nn.Module):
    """Pose -> how bright every place is."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        widths = _POSE_SHADOW_WIDTHS[-1 - sizes.levels(sizes.uv // 8) :]
        self.fc_block = dense(sizes.pose, widths[0] * SMALLEST**2)
        self.conv_block = growing(widths, SMALLEST)

    def forward(self, pose: Tensor) -> Tensor:
        """[B, 104] -> [B, 1, uv / 8, uv / 8] in 0..1."""
        flat = self.fc_block(pose)
        return torch.sigmoid(self.conv_block(flat.view(len(flat), -1, SMALLEST, SMALLEST)) + 1)


class UpscaleNetwork(nn.Module):
    """Detail of a texture of twice the size."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.conv_block = _rectified(UntiedConv2d(6, 4, 3, sizes.uv))
        self.out_block = UntiedConv2d(4, 12, 1, sizes.uv)

    def forward(self, mean: Tensor, view: Tensor) -> Tensor:
        """Mean texture and what the view changes [B, 3, uv, uv] -> detail [B, 3, 2 uv, 2 uv]."""
        y = self.out_block(self.conv_block(torch.cat([mean, view], 1)))
        return nn.functional.pixel_shuffle(y, 2)
