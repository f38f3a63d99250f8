"""Takes of Mira that no model had to make: her face and her head move smoothly at random."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.avatars.base import Avatar
from avgen.avatars.mesh.avatar import BODY_TRACKS, TexturedMesh
from avgen.avatars.mesh.body import Body
from avgen.body.channels import BODY_LIMITS, HAND_LIMITS, within_limits
from avgen.config import RenderConfig
from avgen.exports import Material
from avgen.tracks import Codes, Track
from avgen.types import Tokens

NUM_FRAMES = 60
FPS = 30


def mira() -> TexturedMesh:
    actor = find_actor("mira")
    file = actor.components["avatar"].file
    if not file.exists():
        pytest.skip("needs Mira's avatar file")
    return TexturedMesh.load({}, file)


def smooth(rng: np.random.Generator, width: int) -> np.ndarray:
    """Curves [NUM_FRAMES, width] that swing about zero by about one."""
    phase = np.linspace(0, 2 * np.pi, NUM_FRAMES)[:, None] * rng.uniform(0.5, 2, width)
    return np.sin(phase + rng.uniform(0, 6, width)).astype(np.float32)


def moving_codes(channels: int, seed: int = 0) -> Codes:
    rng = np.random.default_rng(seed)
    turn = smooth(rng, 3) * np.float32(0.12)
    angle = np.linalg.norm(turn, axis=1, keepdims=True)
    head = np.concatenate([np.cos(angle / 2), np.sin(angle / 2) / angle * turn, 0.01 * smooth(rng, 3)], 1)
    tracks = {
        "face": Track(1.5 * smooth(rng, channels)),
        "head": Track(head.astype(np.float32), "pose"),
    }
    return Codes(tracks)


def figure() -> TexturedMesh:
    """Mira with her body."""
    file = find_actor("mira").components["body"].file
    if not file.exists():
        pytest.skip("needs the file of Mira's body")
    return mira().embodied(Body.load({}, file))


def figure_codes(figure: TexturedMesh, seed: int = 0) -> Codes:
    """Codes of somebody whose trunk, arms and fingers move, too."""
    assert figure.body is not None
    rng, codes = np.random.default_rng(seed), moving_codes(figure.codec.size, seed)
    resting, limits = figure.body.resting, (BODY_LIMITS, HAND_LIMITS)
    tracks = {
        name: Track(within_limits(rest + 0.15 * np.ptp(limit, axis=1) * smooth(rng, len(rest))))
        for name, rest, limit in zip(BODY_TRACKS, resting, limits, strict=True)
    }
    return Codes({**codes.tracks, **tracks})


def material_of(load_avatar: Callable[[], Any], codes: Codes, camera: str | None = None) -> Material:
    actor = find_actor("mira")
    unused: Any = None
    return Material(
        "hello",
        actor,
        RenderConfig(fps=FPS),
        actor.view(camera),
        Tokens(np.zeros((1, 1), np.float32), "phonemes", (), ()),
        codes,
        unused,
        cast("Callable[[], Avatar]", load_avatar),
        Path("hello.mp4"),
    )
