"""avgen render speech.wav: the recording's own sound under a generated picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import Result

from avgen.media.soundtrack import read_soundtrack

Run = Callable[..., Result]


def record(path: Path, seconds: float = 1.5, rate: int = 44_100) -> np.ndarray:
    """Write noise that swells and fades, so that a delay would show."""
    noise = np.random.default_rng(0).standard_normal(round(seconds * rate))
    samples = (0.1 * noise * np.hanning(len(noise))).astype(np.float32)
    soundfile.write(path, samples, rate)
    return samples


def test_the_sound_of_the_video_is_the_recording(avgen: Run, tiny: Path) -> None:
    record(tiny / "speech.wav", rate=22_050)
    result = avgen("render", "speech.wav", "-o", "talk.mp4")
    assert result.exit_code == 0, result.output
    heard = read_soundtrack(tiny / "talk.mp4")
    said, _ = soundfile.read(tiny / "speech.wav", dtype="float32")
    size = min(len(heard), len(said))
    assert abs(len(heard) - len(said)) < 22_050 / 20
    assert np.corrcoef(heard[:size], said[:size])[0, 1] > 0.9


def test_seeds_share_what_was_heard(avgen: Run, tiny: Path) -> None:
    record(tiny / "speech.flac")
    assert avgen("render", "speech.flac", "--seed", "1").exit_code == 0
    again = avgen("render", "speech.flac", "--seed", "2", "--dry-run")
    assert again.exit_code == 0, again.output

    assert "would run sample, render, mux (cached: tokenize, vocode)" in again.output


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.wav", None, "none.wav: there is no such file."),
        ("text.mp3", b"hello", "text.mp3: cannot be read as sound"),
    ],
)
def test_bad_recordings_stop_the_run_before_it_begins(
    avgen: Run, tiny: Path, name: str, data: bytes | None, message: str
) -> None:
    if data is not None:
        (tiny / name).write_bytes(data)
    result = avgen("render", name)
    assert result.exit_code == 2
    assert message in result.output + result.stderr
    assert not (tiny / "out").exists()


def test_a_transcript_that_does_not_fit_is_refused(avgen: Run, tiny: Path) -> None:
    record(tiny / "speech.wav", seconds=0.4)
    (tiny / "said.txt").write_text("This is far more than anybody says in less than half a second.\n")
    result = avgen("render", "speech.wav", "--transcript", "said.txt")
    assert result.exit_code != 0
    assert "said.txt: the transcript does not fit the recording of 0.4 s." in result.output + result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("speech.wav", "--transcript", "none.txt"), "none.txt: there is no such file."),
        (
            ("speech.wav", "--transcript", "empty.txt"),
            "empty.txt: the transcript is empty or only whitespace.",
        ),
        (("said.txt", "--transcript", "said.txt"), "--transcript is what is said in one recording."),
        (("speech.wav", "speech2.wav", "--transcript", "said.txt"), "--transcript is what is said in one"),
        (("speech.wav", "--export", "srt"), "Give what is said in it with --transcript."),
    ],
)
def test_transcripts_that_cannot_be(avgen: Run, tiny: Path, arguments: tuple[str, ...], message: str) -> None:
    record(tiny / "speech.wav")
    record(tiny / "speech2.wav")
    (tiny / "said.txt").write_text("Hello.\n")
    (tiny / "empty.txt").write_text(" \n")
    result = avgen("render", *arguments)
    assert result.exit_code == 2
    assert message in result.output + result.stderr


def test_a_manifest_names_transcripts(avgen: Run, tiny: Path) -> None:
    record(tiny / "speech.wav", seconds=3)
    (tiny / "said.txt").write_text("Hello.\n")
    (tiny / "list.csv").write_text("id,audio,transcript\na,speech.wav,said.txt\nb,speech.wav,\n")
    result = avgen("render", "list.csv", "--export", "words", "--dry-run")
    assert "b: words needs the words of a text" in result.output + result.stderr
    (tiny / "list.csv").write_text("id,text,transcript\na,Hello.,said.txt\n")
    result = avgen("render", "list.csv")
    assert "list.csv: line 2: transcript: expected audio beside it" in result.output + result.stderr
