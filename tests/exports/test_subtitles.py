from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avgen.config import RenderConfig
from avgen.errors import InputError
from avgen.exports import Material, check_export, write_export
from avgen.exports.subtitles import JOINER
from avgen.inputs.manifest import read_inputs
from avgen.jobs.planning import Request, plan
from avgen.media.ffmpeg import ffmpeg_exe
from avgen.types import Interval, Tokens
from tests.exports.conftest import spoken

Make = Callable[..., Material]
KINDS = ("srt", "vtt", "ass")


def written(material: Material, kind: str, folder: Path) -> str:
    path = folder / f"out.{kind}"
    write_export(kind, material, path)
    return path.read_text(encoding="utf-8")


def test_subrip_is_numbered_and_timed_to_the_thousandth(material: Make, tmp_path: Path) -> None:
    assert written(material("Hello there. Who?"), "srt", tmp_path) == (
        "1\n00:00:00,250 --> 00:00:01,250\nHello there.\n\n2\n00:00:01,430 --> 00:00:02,133\nWho?\n"
    )


def test_webvtt_begins_with_its_name(material: Make, tmp_path: Path) -> None:
    assert written(material("Hello there."), "vtt", tmp_path) == (
        "WEBVTT\n\n00:00:00.250 --> 00:00:01.250\nHello there.\n"
    )


def test_times_beyond_an_hour_are_told(material: Make, tmp_path: Path) -> None:
    late = (Interval("Hello.", 3725.5, 3726.0),)
    pauses = (Interval(".", 3726.0, 3728.0),)
    tokens = Tokens(spoken("x").logits, "phonemes", late, pauses)
    assert "01:02:05,500 --> 01:02:06,500" in written(material(tokens), "srt", tmp_path)


def test_words_light_up_when_they_are_spoken(material: Make, tmp_path: Path) -> None:
    ass = written(material("Hello there."), "ass", tmp_path)
    assert ass.endswith("Dialogue: 0,0:00:00.25,0:00:01.25,Default,,0,0,0,,{\\k36}Hello {\\k42}there.\n")


def test_the_steps_of_a_cue_add_up_to_its_words(material: Make, tmp_path: Path) -> None:
    ass = written(material("No, there are many more words in this rather long sentence."), "ass", tmp_path)
    (dialogue,) = re.findall(r"Dialogue: .*", ass)
    assert "\\N" in dialogue
    assert sum(map(int, re.findall(r"\\k(\d+)", dialogue))) == pytest.approx(100 * 0.06 * 59, abs=6)


@pytest.mark.parametrize("kind", KINDS)
def test_emoji_and_right_to_left_letters_survive(kind: str, material: Make, tmp_path: Path) -> None:
    text = written(material("Hi 👩‍🚀 مرحبا naïve."), kind, tmp_path)
    assert "👩‍🚀" in text and "مرحبا" in text and "naïve" in text


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_is_read_as_a_mark(kind: str, material: Make, tmp_path: Path) -> None:
    text = written(material(r"Use <b>x</b> {\an8}y C:\new --> A&B &lt; now."), kind, tmp_path)
    shown = text.split("Text\n")[-1] if kind == "ass" else text.split("\n", 2 + (kind == "vtt"))[-1]
    if kind == "vtt":
        assert "&lt;b&gt;x&lt;/b&gt;" in shown and "--&gt;" in shown and "A&amp;B" in shown
        assert "&amp;lt;" in shown
    if kind == "srt":
        assert "<b>" not in shown and "{\\" not in shown and "-->" not in shown
    if kind == "ass":
        marks = re.sub(r"\{\\k\d+\}", "", shown)
        assert re.search(r"(?<!\\)\{", marks) is None
        assert f"C:\\{JOINER}new" in marks


def test_word_times_are_those_of_the_tokens(material: Make, tmp_path: Path) -> None:
    values = json.loads(written(material("Hello there. Who are you?"), "words", tmp_path))
    assert [word["word"] for word in values["words"]] == ["Hello", "there.", "Who", "are", "you?"]
    assert values["words"][1] == {"word": "there.", "start": 0.61, "end": 1.03}
    assert [(one["text"], one["first"], one["stop"]) for one in values["sentences"]] == [
        ("Hello there.", 0, 2),
        ("Who are you?", 2, 5),
    ]
    assert values["phonemes"][0] == {"phoneme": "$", "start": 0.0, "end": 0.25}
    assert max(one["end"] for one in values["phonemes"]) <= values["duration"]


@pytest.mark.parametrize("kind", [*KINDS, "words", "subtitled"])
def test_a_recording_has_no_words(kind: str, material: Make, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="made from a recording"):
        written(material(Tokens(spoken("x").logits, "phonemes", (), ())), kind, tmp_path)


def grey(path: Path, frames: int) -> None:
    source = f"color=gray:s=256x256:r=30:d={frames / 30}"
    sound = f"anullsrc=r=48000:cl=mono:d={frames / 30}"
    command = [ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, "-f", "lavfi", "-i", sound]
    subprocess.run([*command, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-shortest", str(path)], check=True)


def brightest(path: Path, seconds: float) -> int:
    command = [ffmpeg_exe(), "-v", "error", "-ss", str(seconds), "-i", str(path), "-frames:v", "1"]
    raw = [*command, "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    return max(subprocess.run(raw, capture_output=True, check=True).stdout)


def test_words_are_in_the_picture_while_they_are_spoken(material: Make, tmp_path: Path) -> None:
    made = material(spoken("Hello there.", pause=3.0), size=256)
    grey(made.video, made.frames)
    path = tmp_path / "ü: 100%'s.subtitled.mp4"
    try:
        write_export("subtitled", made, path)
    except InputError as error:
        pytest.skip(str(error))
    assert brightest(path, 0.9) > 220
    assert brightest(path, 2.5) < 140


def test_a_machine_without_fonts_says_so(
    material: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(
        f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{tmp_path}/none</dir>'
        f"<cachedir>{tmp_path}/fonts</cachedir></fontconfig>"
    )
    monkeypatch.setenv("FONTCONFIG_FILE", str(fonts))
    made = material("Hello there.", size=256)
    grey(made.video, made.frames)
    with pytest.raises(InputError, match="subtitled needs a font, and there is none on this machine"):
        write_export("subtitled", made, tmp_path / "out.mp4")


def test_only_mp4_gets_burnt_subtitles(material: Make, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"subtitled needs an \.mp4 video, and this one is \.webm"):
        write_export("subtitled", material(format="webm"), tmp_path / "out.mp4")


def test_what_cannot_be_made_is_refused_before_any_work() -> None:
    config = RenderConfig()
    check_export("srt", "talk", config, has_words=True)
    check_export("wav", "talk", config, has_words=False)
    with pytest.raises(InputError, match="talk: srt needs the words of a text"):
        check_export("srt", "talk", config, has_words=False)
    with pytest.raises(InputError, match=r"talk: subtitled needs an \.mp4 video"):
        check_export("subtitled", "talk", config.override({"format": "mov"}), has_words=True)


def test_a_run_checks_its_exports_when_it_is_planned(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "memo.wav", np.sin(np.arange(44_100) / 30), 22_050)
    rows = read_inputs([str(tmp_path / "memo.wav")])
    with pytest.raises(InputError, match="memo: vtt needs the words of a text"):
        plan(Request(rows, output=tmp_path / "out", exports=("vtt",)))
