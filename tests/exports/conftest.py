"""Material of small arrays: no actor, no network, and an avatar that is a patch of colour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avgen.config import RenderConfig
from avgen.exports import Material
from avgen.tracks import Codes, Track
from avgen.types import HOP_SIZE, SAMPLE_RATE, Interval, Tokens, Waveform

CHARACTER = 0.06
"""Seconds that a spoken character takes."""
PAUSE = 0.4
"""Seconds of silence after a sentence."""


def spoken(text: str, pause: float = PAUSE, character: float = CHARACTER) -> Tokens:
    """Tokens of a text that is spoken evenly, with a pause after every word that ends in . ! or ?"""
    words, phonemes, clock = [], [Interval("$", 0.0, 0.25)], 0.25
    for word in text.split():
        end = clock + character * (len(word) + 1)
        words.append(Interval(word, clock, end))
        phonemes.append(Interval("a", clock, end))
        clock = end
        if word.rstrip("\"'”)")[-1:] in ".!?":
            phonemes.append(Interval(word.rstrip("\"'”)")[-1], clock, clock + pause))
            clock += pause
    return Tokens(np.zeros((1, 1), np.float32), "phonemes", tuple(words), tuple(phonemes))


class Patch:
    """Draws pictures that show the first value of the face."""

    tracks = ("face", "head")
    optional_tracks = ()

    def settle(self, codes: Codes) -> Codes:
        return codes

    def renderer(self, device: str, view: Any, size: tuple[int, int], background: Any) -> Any:
        shape = size[1], size[0], 4 if background.transparent else 3

        def render(tracks: Mapping[str, Any]) -> Any:
            level = tracks["face"][:, 0].astype(np.uint8)
            return np.broadcast_to(level[:, None, None, None], (len(level), *shape))

        return SimpleNamespace(render=render)


@pytest.fixture
def material(tmp_path: Path) -> Callable[..., Material]:
    """Make material of a text, or of tokens; further arguments are settings."""

    def make(
        text: str | Tokens = "Hello there. Who are you?", avatar: Any = None, **settings: Any
    ) -> Material:
        tokens = spoken(text) if isinstance(text, str) else text
        frames = round((tokens.phonemes[-1].end if tokens.phonemes else 1.0) * SAMPLE_RATE / HOP_SIZE)
        time = np.arange(frames * HOP_SIZE) / SAMPLE_RATE
        head = np.tile(np.array([1, 0, 0, 0, 0, 0, 0], np.float32), (frames, 1))
        face = np.arange(frames, dtype=np.float32)[:, None]
        return Material(
            name="talk",
            actor=SimpleNamespace(name="tiny", title="Tiny"),  # type: ignore[arg-type]
            config=RenderConfig().override({"size": 64, **settings}),
            view=None,  # type: ignore[arg-type]
            tokens=tokens,
            codes=Codes({"face": Track(face), "head": Track(head, "pose")}),
            waveform=Waveform((0.3 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)),
            load_avatar=lambda: avatar or Patch(),
            video=tmp_path / "talk.mp4",
            recorded=not tokens.words,
        )

    return make
