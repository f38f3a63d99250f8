"""Motion to a clip's sound: on its clock, with the head where the skeleton has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from avgen.errors import StageError
from avgen.stages.move import conversation, move, resampled
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE, FloatArray, Waveform


class Model:
    """Draws a slow wave."""

    frames = 30

    def draw(
        self, sound: FloatArray, seeds: Sequence[int], advance: Callable[[int, int], None]
    ) -> list[tuple[FloatArray, FloatArray]]:
        assert seeds == [7] and sound.shape == (2, 32_000) and not sound[1].any()
        advance(1, 1)
        times = (np.arange(2 * self.frames) + 0.5)[:, None] / 30
        return [(np.sin(6 * times).astype(np.float32), np.cos(times).astype(np.float32))]


class Body:
    def head_pose(self, pose: FloatArray) -> FloatArray:
        return np.concatenate([np.ones_like(pose), np.zeros((len(pose), 6), np.float32)], 1)


def made(model: Model) -> Codes:
    frames = round(1.3 * CODE_RATE)
    codes = Codes({name: Track(np.zeros((frames, 2), np.float32)) for name in ("mel", "face", "head")})
    sound = Waveform(np.random.default_rng(0).standard_normal(frames * 256).astype(np.float32) / 9)
    return move(codes, sound, model, Body(), seed=7, advance=lambda done, total: None)


def test_tracks_are_on_the_clock_of_the_speech() -> None:
    codes = made(Model())
    assert set(codes.tracks) == {"mel", "face", "head", "pose"} and codes.tracks["head"].kind == "pose"
    assert {len(track.values) for track in codes.tracks.values()} == {len(codes["mel"])}
    times = (np.arange(len(codes)) + 0.5) / CODE_RATE
    assert np.abs(codes["face"][:, 0] - np.sin(6 * times))[6:].max() < 2e-3
    pictures = (np.arange(36) + 0.5) / 30
    assert np.abs(codes.at(pictures, ["face"])["face"][1:, 0] - np.sin(6 * pictures)[1:]).max() < 2e-3


def test_motion_of_another_length_is_refused() -> None:
    model = Model()
    model.frames = 29
    with pytest.raises(StageError, match=r"move failed: face has shape \[58, 1\], expected \[60, 1\]"):
        made(model)


def test_peaks_between_frames_are_kept() -> None:
    values = np.array([[0.0], [1.0], [1.0], [0.0]], np.float32)
    assert resampled(values, 12)[:, 0].max() > 1.1


def test_a_partner_is_brought_to_the_actor_s_length() -> None:
    own, short, long = (Waveform(np.full(count, 0.1, np.float32)) for count in (22_050, 11_025, 90_000))
    assert conversation(own, None).shape == (2, 16_000)
    assert not conversation(own, short)[1, 8_100:].any() and conversation(own, short)[1, :7_900].all()
    assert conversation(own, long).shape == (2, 16_000)
    assert conversation(long, own).shape == (2, 80_000)
