"""avgen render speech.wav: the recording's own sound under a generated picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import Result

from avgen.media.soundtrack import read_soundtrack
from avgen.speech import recognition
from avgen.takes.folder import read_finished
from avgen.takes.picks import pick_row

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


def test_an_emotion_is_heard_in_recordings_alone(avgen: Run, tiny: Path) -> None:
    record(tiny / "speech.wav")
    assert avgen("render", "speech.wav", "--emotion", "auto").exit_code == 0
    assert "would run sample, render, mux" in avgen("render", "speech.wav", "--dry-run").output
    refused = avgen("render", "script.txt", "--emotion", "auto", "-o", "other")
    assert refused.exit_code == 2
    assert (
        "script.txt: emotion: auto is heard in recordings, and this clip is made from a text"
        in refused.stderr
    )
    assert not (tiny / "other").exists()


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


def test_what_is_said_is_recognised(avgen: Run, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tiny / "speech.wav", seconds=0.4)
    record(tiny / "other.wav", seconds=0.5)
    monkeypatch.setattr(recognition, "missing_packages", lambda *names: [])
    heard = ["This is far more than anybody says in less than half a second.", "\u2603 {[("]
    monkeypatch.setattr(recognition, "recognise", lambda samples: heard.pop(0))
    assert avgen("render", "speech.wav", "other.wav", "--transcript", "auto").exit_code == 0
    assert not heard
    take = next(take for take in read_finished(tiny / "out") if take.output.name == "speech.mp4")
    assert take.receipt.transcript == pick_row(take)["transcript"] == "auto"
    assert "was there already" in avgen("render", "speech.wav", "--transcript", "auto").output
    (tiny / "list.csv").write_text("id,audio,transcript\na,speech.wav,auto\n")
    assert avgen("render", "list.csv", "--export", "srt", "--dry-run").exit_code == 0


def test_recognising_needs_an_extra(avgen: Run, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tiny / "speech.wav")
    monkeypatch.setattr(recognition, "missing_packages", lambda *names: ["faster_whisper"])
    result = avgen("render", "speech.wav", "--transcript", "auto")
    assert result.exit_code == 2
    assert "--transcript auto needs faster_whisper. Install it with: pip install" in result.stderr
    assert not (tiny / "out").exists()
