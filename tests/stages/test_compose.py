"""People together: whose picture is where and when, and from where each is heard."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from avgen.avatars.base import Avatar
from avgen.avatars.views import View
from avgen.background import Background
from avgen.errors import StageError
from avgen.media.composition import cut_between
from avgen.media.ffmpeg import PictureEncoder, ffmpeg_exe
from avgen.media.formats import Encoding
from avgen.stages.compose import Contribution, common_frames, compose, mixed
from avgen.stages.shoulder import BEHIND_ASIDE, Performed, behind, listener_of
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE, HOP_SIZE, SAMPLE_RATE, Interval, Tokens, Waveform

VIEW = View((0.0, 0.6, 0.0), 0.0, 0.0, 1.2, 19.0)
FPS = 24
FRAMES = 5 * FPS
LEVELS = (40, 120, 200)


class Card(Avatar):
    """A card of one grey, in front of nothing, in the left half of its picture."""

    tracks = ("face",)
    asked: list[View] = []  # noqa: RUF012 for a test to read

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> Card:
        return cls()

    def make_renderer(
        self, device: str, view: View, size: tuple[int, int], background: Background
    ) -> SimpleNamespace:
        assert background.transparent
        self.asked.append(view)
        picture = np.zeros((1, size[1], size[0], 4), np.uint8)
        picture[:, :, : size[0] // 2] = 255
        return SimpleNamespace(render=lambda tracks: np.repeat(picture, len(tracks["face"]), 0))


def performer(level: int) -> Callable[[], Performed]:
    frames = round(5 * CODE_RATE)
    codes = Codes({"face": Track(np.full((frames, 1), level, np.float32))})
    return lambda: Performed(codes, Card(), VIEW, "cpu")


def contribution(folder: Path, person: int, spoken: tuple[float, float]) -> Contribution:
    """A flat grey picture of five seconds, and a word."""
    path = folder / f"{person}.mp4"
    with PictureEncoder(path, (64, 64), FPS, Encoding()) as encoder:
        encoder.write(np.full((FRAMES, 64, 64, 3), LEVELS[person], np.uint8))
        encoder.finish()
    tokens = Tokens(np.zeros((1, 1), np.float32), "phonemes", (Interval("word", *spoken),), ())
    return Contribution(tokens, Waveform(np.zeros(5 * SAMPLE_RATE, np.float32)), path, performer(person))


def levels(path: Path, width: int) -> np.ndarray:
    """Grey [T, W / 64] in the middle of each person's place."""
    command = [ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, 64, width)[:, 32, 32::64].astype(int)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Contribution]:
    folder = tmp_path_factory.mktemp("parts")
    spoken = ((0.2, 1.5), (1.7, 3.0), (3.0, 4.6))
    return [contribution(folder, person, times) for person, times in enumerate(spoken)]


@pytest.mark.parametrize("people", [2, 3])
def test_people_side_by_side(parts: list[Contribution], tmp_path: Path, people: int) -> None:
    path = tmp_path / "all.mp4"
    options = {"width": 64, "height": 64, "format": "mp4", "crf": 20, "encoder_speed": "fast"}
    compose(parts[:people], layout="side-by-side", fps=FPS, path=path, **options)  # type: ignore[arg-type]
    seen = levels(path, 64 * people)
    assert seen.shape == (FRAMES, people)
    assert np.abs(seen - LEVELS[:people]).max() < 8


@pytest.mark.parametrize("file_format", ["mp4", "webm", "mov"])
def test_cuts_are_where_they_should_be_to_the_frame(
    parts: list[Contribution], tmp_path: Path, file_format: str
) -> None:
    path = tmp_path / "all"
    options = {"width": 64, "height": 64, "format": file_format, "crf": 20, "encoder_speed": "fast"}
    compose(parts, layout="cut", fps=FPS, path=path, **options)  # type: ignore[arg-type]
    expected = np.repeat(LEVELS, np.diff([0, round(1.6 * FPS), 3 * FPS, FRAMES]))
    assert np.abs(levels(path, 64)[:, 0] - expected).max() < 8


def test_who_listens_is_before_whoever_speaks(parts: list[Contribution], tmp_path: Path) -> None:
    path = tmp_path / "all.mp4"
    options = {"width": 64, "height": 64, "format": "mp4", "crf": 20, "encoder_speed": "fast"}
    Card.asked.clear()
    compose(parts, layout="over-shoulder", fps=FPS, path=path, **options)  # type: ignore[arg-type]
    command = [ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    seen = np.frombuffer(raw, np.uint8).reshape(-1, 64, 64)[:, 32].astype(int)
    shown = np.repeat(LEVELS, np.diff([0, round(1.6 * FPS), 3 * FPS, FRAMES]))
    assert np.abs(seen[:, 60] - shown).max() < 8
    assert seen[:, 4].max() < 40
    assert [view.yaw for view in Card.asked] == [150.0, 150.0, -150.0]
    assert not list(tmp_path.glob("all.mp4?*"))


def test_over_the_shoulder_a_head_is_at_the_side_and_the_view_has_no_end() -> None:
    left, right = behind(VIEW, True, 1.0), behind(VIEW, False, 1.0)
    assert left.yaw == -right.yaw and left.captured is None and not left.fits
    for view, side in ((left, -1), (right, 1)):
        camera = view.camera(64, 64)
        x, y = camera.project(np.array([VIEW.target], np.float32), 64, 64)[0][:2]
        assert side * (x - 32) == pytest.approx(32 * BEHIND_ASIDE, abs=1.5) and 32 < y < 48
    assert [listener_of(person, 4) for person in range(4)] == [1, 2, 1, 2]


def test_a_filter_graph_holds_numbers_alone() -> None:
    graph = cut_between(3, [(0, 1), (10, 0), (20, 1), (30, 2)], 50)
    assert graph == (
        "[0:v][1:v]overlay=format=auto:enable='between(n,0,9)+between(n,20,29)'[upto1];"
        "[upto1][2:v]overlay=format=auto:enable='between(n,30,49)'[all]"
    )


def test_each_voice_is_heard_from_its_seat_and_none_clips() -> None:
    tone = np.sin(np.arange(SAMPLE_RATE) * 0.1).astype(np.float32)
    silence = np.zeros_like(tone)
    left = mixed([Waveform(0.5 * tone), Waveform(silence)], FPS, FPS, "stereo")
    right = mixed([Waveform(silence), Waveform(0.5 * tone)], FPS, FPS, "stereo")
    assert left.shape == (SAMPLE_RATE, 2)
    np.testing.assert_allclose(left, right[:, ::-1], atol=1e-6)
    power = (left**2).mean(0)
    assert power[0] > 2 * power[1] and power.sum() == pytest.approx(2 * (0.25 * tone**2).mean(), rel=1e-3)
    assert np.abs(mixed([Waveform(tone), Waveform(tone)], FPS, FPS, "stereo")).max() < 0.9
    mono = mixed([Waveform(0.5 * tone), Waveform(0.2 * tone)], FPS, FPS, "mono")
    np.testing.assert_allclose(mono, 0.7 * tone[:, None], atol=1e-6)
    middle = mixed([Waveform(silence), Waveform(0.5 * tone), Waveform(silence)], FPS, FPS, "stereo")
    np.testing.assert_allclose(middle[:, 0], 0.5 * tone, atol=1e-6)


def test_clips_of_different_lengths_are_an_error(parts: list[Contribution]) -> None:
    short = parts[1]._replace(waveform=Waveform(np.zeros(HOP_SIZE * 300, np.float32)))
    with pytest.raises(StageError, match="compose failed"):
        common_frames([parts[0], short], FPS)
