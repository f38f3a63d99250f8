"""The codec avatar's networks once more, slow and plain, on a checkpoint's own tensors, in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

Array = Any


class Plain:
    """Layers that read their tensors by name; weights are g v / ||v||, the norm that of the whole tensor."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        self.state = {name: value.numpy().astype(np.float64) for name, value in state.items()}

    def weight(self, name: str) -> Array:
        gain, direction = self.state[f"{name}.weight_g"], self.state[f"{name}.weight_v"]
        return gain * direction / np.sqrt((direction**2).sum())

    def bias(self, name: str) -> Array:
        value = self.state[f"{name}.bias"]
        return value if value.ndim != 1 else value.reshape(-1, 1, 1)

    def conv(self, name: str, x: Array, stride: int = 1, groups: int = 1) -> Array:
        weight = self.weight(name)
        size = weight.shape[-1]
        around = (size - 1) // 2
        parts = []
        for inputs, kernel in zip(np.split(x, groups), np.split(weight, groups), strict=True):
            padded = np.pad(inputs, ((0, 0), (around, around), (around, around)))
            patches = np.lib.stride_tricks.sliding_window_view(padded, (size, size), (1, 2))
            parts.append(np.tensordot(kernel, patches[:, ::stride, ::stride], ((1, 2, 3), (0, 3, 4))))
        return np.concatenate(parts) + self.bias(name)

    def grow(self, name: str, x: Array) -> Array:
        """A transposed convolution, by what every texel adds to its neighbours."""
        weight = self.weight(name)
        side = 2 * x.shape[1]
        out = np.zeros((weight.shape[1], side + 2, side + 2))
        for i in range(4):
            for j in range(4):
                out[:, i : i + side : 2, j : j + side : 2] += np.tensordot(weight[:, :, i, j], x, (0, 0))
        return out[:, 1:-1, 1:-1] + self.bias(name)

    def linear(self, name: str, x: Array) -> Array:
        return self.weight(name) @ x + self.state[f"{name}.bias"]

    def block(self, name: str, x: Array, change: int = 0, groups: int = 1) -> Array:
        if change > 0:
            x = resized(x, 2 * x.shape[1])
        stride = 2 if change < 0 else 1
        y = leaky(self.conv(f"{name}.conv1", x, groups=groups))
        y = leaky(self.conv(f"{name}.conv2", y, stride, groups))
        return y + self.conv(f"{name}.conv_resize", x, stride, groups)

    def blocks(self, name: str, x: Array, change: int, groups: int = 1) -> Array:
        k = 0
        while f"{name}.{k}.conv1.bias" in self.state:
            x = self.block(f"{name}.{k}", x, change, groups)
            k += 1
        return x

    def grown(self, name: str, x: Array) -> Array:
        k = 0
        while f"{name}.{k}.bias" in self.state:
            x = self.grow(f"{name}.{k}", leaky(x) if k else x)
            k += 2
        return x

    def mended(self, name: str, x: Array) -> Array:
        """Seams filled, then looked up twice."""
        out = x.copy()
        to, source = (self.state[f"{name}.{which}_ij"].astype(int) for which in ("dst", "src"))
        for (i, j), (k, m) in zip(to, source, strict=True):
            out[:, i, j] = x[:, k, m]
        share, places = self.state[f"{name}.weights"], self.state[f"{name}.uvs"]
        for _ in range(2):
            out = out * (1 - share) + share * sampled(out, (places + 1) / 2)
        return out

    def face(self, code: Array) -> tuple[Array, Array, Array]:
        """Geometry, texture, and what the body is told."""
        name = "decoder_face"
        encoded = leaky(self.linear(f"{name}.encmod.0", code))
        view = leaky(self.linear(f"{name}.viewmod.0", self.state[f"{name}.frontal_view"]))
        flat = leaky(self.linear(f"{name}.texmod2.0", np.concatenate([encoded, view])))
        texture = self.grown(f"{name}.texmod", flat.reshape(-1, 4, 4))
        texture = 255 * (texture + self.state[f"{name}.bias"] + 0.5)
        geometry = self.linear(f"{name}.geommod.0", encoded)
        name = "encoder_face"
        seen = (resized(texture, texture.shape[1] // 2) / 255 - 0.5) * self.state[f"{name}.tex_cond_mask"][0]
        features = self.blocks(f"{name}.conv_blocks", seen, -1).reshape(-1)
        joint = np.concatenate([features, leaky(self.linear(f"{name}.geommod.0", geometry))])
        return geometry, texture, self.linear(f"{name}.mu", leaky(self.linear(f"{name}.jointmod.0", joint)))

    def body(self, pose: Array, told: Array) -> tuple[Array, Array]:
        """Displacement and mean texture."""
        nothing = np.zeros((3, *self.state["encoder.verts_conv.conv1.bias"].shape[1:]))
        features = self.blocks("encoder.joint_conv_blocks", self.block("encoder.verts_conv", nothing, -1), -1)
        embedding = self.linear("encoder.mu", features.reshape(-1))
        flat = leaky(self.linear("decoder.embs_fc.0", embedding)).reshape(-1, 4, 4)
        surface = self.blocks("decoder.embs_conv_block", flat, 1) * self.state["decoder.body_cond_mask"][0]
        flat = leaky(self.linear("decoder.face_embs_fc.0", told)).reshape(-1, 4, 4)
        face = self.blocks("decoder.face_embs_conv_block", flat, 1)
        half = face.shape[1]
        pasted = np.zeros_like(surface)
        pasted[:, half:, :half] = face
        surface = surface + pasted * self.state["decoder.face_cond_mask"][0]
        parameters = pose[6:, None, None] * self.state["decoder.pose_cond_mask"][0]
        local = self.block("decoder.local_pose_conv_block", parameters)
        joint = self.block("decoder.joint_conv_block", np.concatenate([local, surface]))
        maps = self.blocks("decoder.conv_blocks", np.concatenate([joint, joint]), 1, 2)
        maps = self.mended("seam_sampler", maps)
        return self.conv("decoder.verts_conv", maps[:4]), self.conv("decoder.tex_conv", maps[4:])

    def view(self, facing: Array, mean: Array) -> Array:
        """What the direction changes."""
        x, name = np.concatenate([facing, mean]), "decoder_view.unet"
        below = [x]
        for k in range(1, 6):
            below.append(leaky(self.conv(f"{name}.down{k}.0", below[-1], 2)))
        y = below.pop()
        for k in range(1, 6):
            y = leaky(self.grow(f"{name}.up{k}.0", y))
            if k < 5:
                y = y + below.pop()
        return 0.1 * self.conv(f"{name}.out", np.concatenate([y, x]))

    def shadow(self, pose: Array) -> Array:
        """How bright places are."""
        if "pose_to_shadow.fc_block.0.bias" in self.state:
            flat = leaky(self.linear("pose_to_shadow.fc_block.0", pose)).reshape(-1, 4, 4)
            return sigmoid(self.grown("pose_to_shadow.conv_block", flat) + 1)
        x, passed = np.zeros_like(self.state["shadow_net.ao_mean"]), []
        for k in range(4):
            x = leaky(self.conv(f"shadow_net.enc_layers.{k}.0", resized(x, x.shape[1] // 2) if k else x))
            passed.append(x)
        for k in range(4):
            beside = passed.pop()
            x = np.concatenate([resized(x, beside.shape[1]), beside]) if k else x
            x = leaky(self.conv(f"shadow_net.dec_layers.{k}.0", x))
        return sigmoid(self.conv("shadow_net.shadow_pred", x))

    def texture(self, pose: Array, mean: Array, view: Array, std: float) -> Array:
        """The whole texture of its mean and of what the view changes."""
        side = 2 * mean.shape[1]
        y = leaky(self.conv("upscale_net.conv_block.0", np.concatenate([mean, view])))
        y = self.conv("upscale_net.out_block", y)
        detail = np.zeros((3, side, side))
        for i in range(2):
            for j in range(2):
                detail[:, i::2, j::2] = y[2 * i + j :: 4]
        whole = resized(self.mended("seam_sampler", mean + view), side) + detail
        shadow = resized(self.shadow(pose), side)
        return self.mended("seam_sampler_2k", (whole * std + self.state["tex_mean"][0]) * shadow)


def leaky(x: Array) -> Array:
    return np.where(x < 0, 0.2 * x, x)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def resized(x: Array, side: int) -> Array:
    """Bilinear, corners on corners."""
    old = x.shape[1]
    matrix = np.zeros((side, old))
    for i, place in enumerate(np.linspace(0, old - 1, side)):
        k = min(int(place), old - 2)
        matrix[i, k], matrix[i, k + 1] = 1 - (place - k), place - k
    return matrix @ x @ matrix.T


def sampled(x: Array, places: Array) -> Array:
    """Bilinear values of maps [C, h, w] at places [..., 2], x and y in 0..1, corners on corners."""
    height, width = x.shape[1:]
    u = np.clip(places[..., 0], 0, 1) * (width - 1)
    v = np.clip(places[..., 1], 0, 1) * (height - 1)
    j, i = np.minimum(u.astype(int), width - 2), np.minimum(v.astype(int), height - 2)
    a, b = u - j, v - i
    upper = x[:, i, j] * (1 - a) + x[:, i, j + 1] * a
    return upper * (1 - b) + (x[:, i + 1, j] * (1 - a) + x[:, i + 1, j + 1] * a) * b
