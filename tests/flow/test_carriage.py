"""The body that goes with a head: least squares, and it carries the head where it was asked to be."""

from __future__ import annotations

import numpy as np
import torch

from avgen.avatars.ca_body.head import head_pose
from avgen.avatars.ca_body.layout import build
from avgen.flow.carriage import Carriage
from avgen.flow.head_vae import HeadVAE, HeadVAEConfig
from avgen.pose import head_angles
from tests.codec_bodies import SIZES, body_tensors


def poses(frames: int, spread: float, seed: int = 0) -> np.ndarray:
    """Poses of a body that stands turned away, and moves smoothly."""
    time = np.arange(frames)[:, None] / frames
    rng = np.random.default_rng(seed)
    usual = np.zeros(104)
    usual[3:6] = 0.3, 2.9, -0.1
    waves = np.sin(2 * np.pi * (time * rng.uniform(2, 9, 104) + rng.uniform(0, 1, 104)))
    return (usual + spread * waves).astype(np.float32)


def test_the_body_carries_its_head_as_asked() -> None:
    network = build(SIZES, body_tensors(), "test").prepare()
    seen, asked = poses(400, 0.05), poses(60, 0.05, seed=1)
    carriage = Carriage(104)
    carriage.fit(head_pose(network, seen), seen)
    wanted = head_pose(network, asked)
    with torch.inference_mode():
        carried = carriage(torch.from_numpy(wanted)).numpy()
    made = head_pose(network, carried)
    spread = np.abs(head_angles(wanted) - head_angles(wanted).mean(0)).max()
    error = np.degrees(2 * np.arccos(np.abs((made[:, :4] * wanted[:, :4]).sum(1)).clip(max=1)))
    assert error.max() < 0.15 * spread
    assert (
        np.abs(made[:, 4:] - wanted[:, 4:]).max() < 0.15 * np.abs(wanted[:, 4:] - wanted[:, 4:].mean(0)).max()
    )


def test_what_is_linear_in_the_head_is_found_and_signs_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    head = np.concatenate([rng.normal([0.1, 2, 0, 0], 0.1, (300, 4)), rng.normal(0, 0.1, (300, 3))], 1)
    head[:, :4] /= np.linalg.norm(head[:, :4], axis=1, keepdims=True)
    head = head.astype(np.float32)
    body = (head[:, 4:] @ rng.normal(size=(3, 5)) + 2).astype(np.float32)
    carriage = Carriage(5)
    carriage.fit(head, body)
    head[::2, :4] *= -1
    with torch.inference_mode():
        np.testing.assert_allclose(carriage(torch.from_numpy(head)), body, atol=1e-3)


def test_a_still_head_has_a_body_too() -> None:
    head = np.tile(np.float32([1, 0, 0, 0, 0.1, 1.6, 0]), (50, 1))
    carriage = Carriage(3)
    carriage.fit(head, np.tile(np.float32([1, 2, 3]), (50, 1)))
    with torch.inference_mode():
        np.testing.assert_allclose(carriage(torch.from_numpy(head[:1])), [[1, 2, 3]], atol=1e-4)


def test_a_head_vae_has_a_body_if_it_is_told_so() -> None:
    head = np.tile(np.float32([1, 0, 0, 0, 0, 0, 0]), (9, 1))
    assert HeadVAE().carried(head) is None
    config = HeadVAEConfig(carriage=104)
    carried = HeadVAE(config).carried(head)
    assert carried is not None and carried.shape == (9, 104)
