"""What somebody else might bring: a flow with a track of its own, an avatar, a stage, an export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from avgen.avatars.base import Avatar
from avgen.avatars.views import View
from avgen.background import Background
from avgen.exports import Material
from avgen.stages.mux import mux
from avgen.tracks import Codes, Kind

FACE, HANDS = 2, 5


class ToyFlow:
    """Noise for a voice and a face, and hands that open and close once a second."""

    gaze = SimpleNamespace(hold=lambda face, head: face)
    kinds: Mapping[str, Kind] = {"hands": "angles"}

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> ToyFlow:
        return cls()

    def sample(
        self, conditions: Mapping[str, Any], seed: int, *, known: Mapping[str, Any], **settings: Any
    ) -> Mapping[str, Any]:
        frames = len(conditions["tokens"])
        noise = np.random.default_rng(seed).standard_normal((frames, FACE)).astype(np.float32)
        opening = np.sin(np.arange(frames)[:, None] / 14 + np.arange(HANDS)).astype(np.float32)
        drawn = {
            "mel": np.full((frames, 80), -6, np.float32),
            "head_latent": np.zeros((frames, 8), np.float32),
        }
        return {**drawn, "face": noise, "hands": opening, **known}


class ToyAvatar(Avatar):
    """Shows how far the hands are open; it needs no face."""

    tracks = ("hands",)
    asked: list[tuple[str, View, tuple[int, int], Background]] = []  # noqa: RUF012 for tests to read

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> ToyAvatar:
        return cls()

    def make_renderer(
        self, device: str, view: View, size: tuple[int, int], background: Background
    ) -> SimpleNamespace:
        self.asked.append((device, view, size, background))
        return SimpleNamespace(render=lambda tracks: self.draw(tracks, *size))

    def draw(self, tracks: Mapping[str, Any], width: int, height: int) -> Any:
        assert tracks.keys() == {"hands"} and tracks["hands"].shape[1] == HANDS
        level = np.clip(128 + 100 * tracks["hands"][:, 0], 0, 255).astype(np.uint8)
        return np.broadcast_to(level[:, None, None, None], (len(level), height, width, 3))


def count(codes: Codes, *, temperature: float, seed: int) -> dict[str, float]:
    """A stage: what could be told of the codes."""
    return {"frames": len(codes), "temperature": temperature, "seed": float(seed)}


def mux_counted(count: Mapping[str, float], tags: Mapping[str, str], **others: Any) -> int:
    """A last stage that needs the toy stage's result."""
    return mux(**others, tags={**tags, "genre": f"frames {count['frames']}"})


def export(material: Material, path: Path) -> None:
    """An export: words and numbers of a take."""
    about = {"name": material.name, "frames": len(material.codes), "seconds": material.waveform.duration}
    path.write_text(json.dumps(about))
