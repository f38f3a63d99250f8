from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avgen.avatars.base import Avatar
from avgen.avatars.views import View
from avgen.background import STUDIO, Background
from avgen.errors import StageError
from avgen.media.ffmpeg import count_frames as frames_of
from avgen.stages.mux import mux, soundtrack
from avgen.stages.render import CHUNK_BYTES, CHUNK_FRAMES, chunk_frames, draw, render
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE, HOP_SIZE, SAMPLE_RATE, Waveform

VIEW = View((0, 0, 0), 0, 0, 1, 20)


def ramp(frames: int, **others: np.ndarray) -> Codes:
    """Codes whose face is the time in seconds at the centre of its frame."""
    times = ((np.arange(frames) + 0.5) / CODE_RATE).astype(np.float32)
    tracks = {"face": times[:, None], **others}
    return Codes({name: Track(values) for name, values in tracks.items()})


class Flat(Avatar):
    """Draws nothing; keeps what it was asked for and what it was given."""

    tracks = ("face",)

    def __init__(self) -> None:
        self.asked: list[tuple[str, View, tuple[int, int], Background]] = []
        self.given: list[Mapping[str, np.ndarray]] = []

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> Flat:
        return cls()

    def make_renderer(self, device: str, view: View, size: tuple[int, int], background: Background) -> Flat:
        self.asked.append((device, view, size, background))
        return self

    def render(self, tracks: Mapping[str, np.ndarray]) -> np.ndarray:
        self.given.append(tracks)
        width, height = self.asked[-1][2]
        return np.zeros((len(tracks["face"]), height, width, 3), np.uint8)


class Dancer(Flat):
    """Needs more than a face."""

    tracks = ("face", "head", "hands")


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_each_picture_shows_its_middle(fps: int) -> None:
    codes, avatar = ramp(200), Flat()
    drawn = list(draw(codes, avatar, avatar.make_renderer("cpu", VIEW, (2, 2), STUDIO), fps, 16))
    centres = (np.arange(sum(map(len, drawn))) + 0.5) / fps
    inside = (centres > 0.5 / CODE_RATE) & (centres < 199.5 / CODE_RATE)
    shown = np.concatenate([tracks["face"][:, 0] for tracks in avatar.given])
    np.testing.assert_allclose(shown[inside], centres[inside], atol=1e-5)


@given(st.integers(1, 3000), st.integers(24, 60))
def test_sound_and_picture_agree_within_half_a_picture(frames: int, fps: int) -> None:
    pictures = ramp(frames).num_pictures(fps)
    assert pictures >= 1
    wave = Waveform(np.ones(frames * HOP_SIZE, np.float32))
    assert max(1, round(wave.duration * fps)) == pictures  # mux counts by the sound
    if pictures > 1:
        assert abs(wave.duration - pictures / fps) <= 0.5 / fps + 1e-9
    track = soundtrack(wave, frames=pictures, fps=fps)
    assert len(track) == round(pictures * SAMPLE_RATE / fps)


def test_pictures_come_in_bounded_chunks_with_the_named_tracks_alone() -> None:
    codes, avatar = ramp(200, mel=np.zeros((200, 80), np.float32)), Flat()
    renderer = avatar.make_renderer("cpu", VIEW, (2, 2), STUDIO)
    chunks = list(draw(codes, avatar, renderer, 30, CHUNK_FRAMES))
    assert sum(map(len, chunks)) == codes.num_pictures(30)
    assert [len(tracks["face"]) for tracks in avatar.given] == [len(chunk) for chunk in chunks]
    assert max(map(len, chunks)) <= CHUNK_FRAMES
    assert all(set(tracks) == {"face"} for tracks in avatar.given)


def test_a_track_that_the_flow_does_not_make_is_named() -> None:
    avatar = Dancer()
    with pytest.raises(StageError, match="render failed: the actor's flow makes no head, hands, which it is"):
        next(draw(ramp(3), avatar, avatar, 30, 16))


def test_large_pictures_come_in_small_chunks() -> None:
    assert chunk_frames(512, 512) == chunk_frames(1024, 1024) == CHUNK_FRAMES
    assert 1 <= chunk_frames(2160, 2160) < 4
    for width, height in ((512, 512), (1920, 1080), (2160, 2160)):
        assert chunk_frames(width, height) * 4 * width * height <= CHUNK_BYTES


def picture(path: Path, codes: Codes, avatar: Avatar | None = None, **changes: Any) -> list[tuple[int, int]]:
    """Render a small picture track; returns the progress."""
    told: list[tuple[int, int]] = []
    settings: dict[str, Any] = {
        **{"device": "cpu", "view": VIEW, "width": 64, "height": 64, "background": STUDIO, "fps": 30},
        **{"format": "mp4", "crf": 20, "encoder_speed": "veryfast", "path": path},
        **{"frames": None, "chunk": None},
        "advance": lambda done, total: told.append((done, total)),
    }
    render(codes, avatar or Flat(), **{**settings, **changes})
    return told


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_renderer_is_asked_for_exactly_what_the_clip_wants(tmp_path: Path, device: str) -> None:
    avatar, background = Flat(), Background("#102030")
    told = picture(tmp_path / "a.part", ramp(100), avatar, device=device, width=96, background=background)
    assert avatar.asked == [(device, VIEW, (96, 64), background)]
    total = ramp(100).num_pictures(30)
    assert told[-1] == (total, total) and [done for done, _ in told] == sorted({done for done, _ in told})
    assert frames_of(tmp_path / "a.part") == total


def test_little_is_drawn_at_once_if_that_is_asked_for(tmp_path: Path) -> None:
    avatar = Flat()
    picture(tmp_path / "a.part", ramp(100), avatar, chunk=4)
    assert max(len(tracks["face"]) for tracks in avatar.given) == 4


def test_pictures_are_files_too_if_that_is_asked_for(tmp_path: Path) -> None:
    codes, avatar = ramp(100), Flat()
    picture(tmp_path / "a.part", codes, avatar, frames=tmp_path / "frames")
    names = [path.name for path in sorted((tmp_path / "frames").iterdir())]
    assert names == [f"{number + 1:06}.png" for number in range(codes.num_pictures(30))]
    assert len(avatar.asked) == 1 and frames_of(tmp_path / "a.part") == len(names)


def test_mux_joins_a_picture_and_its_sound_and_refuses_another_length(tmp_path: Path) -> None:
    codes = ramp(100)
    picture(tmp_path / "a.part", codes)
    about: dict[str, Any] = {"fps": 30, "format": "mp4", "title": "Tiny", "tags": {}, "loudness": 0.0}
    wave = Waveform(np.zeros(100 * HOP_SIZE, np.float32))
    made = mux(wave, tmp_path / "a.part", path=tmp_path / "out", **about)
    assert made == frames_of(tmp_path / "out") == codes.num_pictures(30)
    longer = Waveform(np.zeros(150 * HOP_SIZE, np.float32))
    with pytest.raises(StageError, match="mux failed: ffmpeg wrote 35 frames, expected 52"):
        mux(longer, tmp_path / "a.part", path=tmp_path / "out", **about)
