"""Where the head of a codec avatar is, by forward kinematics."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from avgen.avatars.ca_body.network import CodecBody
from avgen.avatars.ca_body.skeleton import JOINT
from avgen.types import FloatArray

HEAD_PARAMETER: Final = 15
"""The pose's parameter that turns the head's own joint; 12 to 14 twist, lean and bend the neck."""
_CHUNK: Final = 4096
"""Frames computed together."""


def head_joint(transform: Tensor) -> int:
    """Number of the joint that the head hangs on, of the skeleton's `transform` [7 J, pose + S]."""
    moved = transform[:, HEAD_PARAMETER].abs().view(-1, JOINT).sum(1)
    return int(moved.argmax())


@torch.inference_mode()
def head_pose(network: CodecBody, pose: FloatArray) -> FloatArray:
    """Head poses [N, 7] of body poses [N, 104].

    Returns:
        A unit quaternion (w, x, y, z), the turn about the world's axes from where the head is turned in the
        pose of zeros, which does not jump from frame to frame; and the joint's place in world metres.
    """
    skeleton, axes = network.lbs_fn, network.world[:, :3]
    joint = head_joint(skeleton.transform)
    body = torch.from_numpy(np.ascontiguousarray(pose, np.float32)).to(axes.device)
    rest = skeleton.placed(torch.zeros_like(body[:1]))[0][:, joint]
    turns, places = [], []
    for part in body.split(_CHUNK):
        turn, place = (values[:, joint] for values in skeleton.placed(part))
        turns.append(axes @ turn @ torch.linalg.inv(rest) @ torch.linalg.inv(axes))
        places.append(network.to_world(place * skeleton.global_scaling))
    quaternion = continuous(_quaternions(torch.cat(turns).double().cpu().numpy()))
    out: FloatArray = np.concatenate([quaternion, torch.cat(places).cpu().numpy()], axis=1, dtype=np.float32)
    return out


def _quaternions(turns: np.ndarray) -> np.ndarray:
    """Unit quaternions (w, x, y, z) [N, 4] of turns [N, 3, 3] that may also scale."""
    turns = turns / np.cbrt(np.linalg.det(turns))[:, None, None]
    (a, b, c), (d, e, f), (g, h, i) = np.moveaxis(turns, 0, -1)
    # 4 q q^T: its longest column is the one to divide by safely
    outer = np.array(
        [
            [1 + a + e + i, h - f, c - g, d - b],
            [h - f, 1 + a - e - i, b + d, c + g],
            [c - g, b + d, 1 - a + e - i, f + h],
            [d - b, c + g, f + h, 1 - a - e + i],
        ]
    )
    best = np.einsum("kkn->nk", outer).argmax(1)
    column = outer[:, best, np.arange(len(best))].T
    unit: np.ndarray = column / np.linalg.norm(column, axis=1, keepdims=True)
    return unit


def continuous(quaternions: np.ndarray) -> np.ndarray:
    """The same turns [N, 4] with signs that do not jump; the first with w >= 0."""
    agree = np.concatenate([quaternions[:1, 0], (quaternions[1:] * quaternions[:-1]).sum(1)])
    signs = np.cumprod(np.where(agree < 0, -1.0, 1.0))
    smooth: np.ndarray = quaternions * signs[:, None]
    return smooth
