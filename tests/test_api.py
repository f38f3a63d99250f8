from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

import avgen
from avgen.cli import main
from avgen.errors import InputError
from avgen.speech.prosody import Prosody
from avgen.takes.receipts import read_receipt
from avgen.types import HOP_SIZE, SAMPLE_RATE, FloatArray
from avgen.vocoders.source_filter import SourceFilter
from tests.fakes import write_actor


def test_python_interface_has_the_same_shape(tiny: Path) -> None:
    first = avgen.render(
        "script.txt", text="Hello.\r\n", actor="tiny", preset="draft", size=64, output="films"
    )
    assert [result.output for result in first] == ["films/script.mp4", "films/text.mp4"]
    assert {result.status for result in first} == {"rendered"}
    (again,) = avgen.render(tiny / "script.txt", actor="tiny", preset="draft", size="64", output="films")
    assert again.status == "unchanged"


def test_pictures_as_files_are_drawn_once_with_the_video(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"actor": "tiny", "preset": "draft", "size": 64, "exports": "frames"}
    with monkeypatch.context() as patch:
        patch.setattr("avgen.exports.frames.frames_encoder", None)  # what would draw them anew
        (rendered,) = avgen.render("script.txt", **options)
    folder = tiny / "out/script.frames"
    drawn = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    exported = CliRunner().invoke(main, ["export", "out/script.mp4", "--to", "frames"])
    assert exported.exit_code == 0, exported.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == drawn
    assert len(drawn) == rendered.frames


def test_whom_an_actor_talks_with_is_named_as_on_the_command_line(tiny: Path) -> None:
    write_actor(tiny / "home" / "actors" / "ear", face_channels=55)
    sound = 0.1 * np.sin(np.arange(4 * SAMPLE_RATE) / 20).astype(np.float32)
    soundfile.write("guest.wav", sound, SAMPLE_RATE)
    soundfile.write("both.wav", np.stack([sound, sound[::-1] / 2], 1)[: 2 * SAMPLE_RATE], SAMPLE_RATE)
    options = {"actor": "ear", "preset": "draft", "size": 64}
    (heard,) = avgen.render(listen=["guest.wav"], **options)
    (said,) = avgen.render(text="Hello.", partner=tiny / "guest.wav", **options)
    (two,) = avgen.render("both.wav", speaker_channel="left", **options)
    assert heard.duration == pytest.approx(4.0, abs=0.05)
    receipts = [read_receipt(tiny / one.output) for one in (heard, said, two)]
    assert [one and (one.road, one.partner, one.speaker_channel) for one in receipts] == [
        ("listening", "", ""),
        ("text", "../guest.wav", ""),
        ("recording", "", "left"),
    ]


def test_the_voice_follows_the_emotions_of_the_script(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Prosody | None] = []

    def speak(self: SourceFilter, mel: FloatArray, seed: int, prosody: Prosody | None) -> FloatArray:
        heard.append(prosody)
        return np.zeros(len(mel) * HOP_SIZE, np.float32)

    monkeypatch.setattr(SourceFilter, "__call__", speak)
    options = {"actor": "tiny", "preset": "draft", "size": 64}
    avgen.render(text="One. [emotion happy] Two.", emotion="sad", **options)
    avgen.render(text="One. Two.", **options)
    assert heard[0] is not None and heard[1] is None
    assert heard[0].pitch[0] < 0 < heard[0].pitch[-1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "there is nothing to render: give at least one script."),
        ({"text": " "}, "text: there is no text to speak: it is empty or only whitespace."),
        ({"text": "a\0b"}, "text: line 1: control character U+0000: this is a binary file, not text."),
        ({"text": "Hi.", "fsp": 30}, "settings: unknown key 'fsp'. Did you mean 'fps'?"),
        (
            {"text": "Hi.", "transcript": "script.txt"},
            "--transcript is what is said in one recording. For several, a manifest names each one's in its "
            "column transcript.",
        ),
    ],
)
def test_mistakes_are_errors(tiny: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as error:
        avgen.render(actor="tiny", **options)
    assert str(error.value) == message
    assert not (tiny / "out").exists()
