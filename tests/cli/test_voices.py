"""An actor of several voices, and of one: who is asked for is who is heard."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import Result

from avgen.errors import InputError
from avgen.performer import load_actor
from avgen.takes.folder import read_finished
from avgen.takes.picks import picks_csv
from tests.fakes import voice, write_actor, write_description

Avgen = Callable[..., Result]


@pytest.fixture
def duo(tiny: Path) -> Path:
    """Ada and Ben in one actor."""
    return write_actor(tiny / "home" / "actors" / "duo", {"ada": voice(), "ben": voice(110, 12)})


def made(avgen: Avgen, *options: str) -> dict[str, object]:
    result = avgen("render", "script.txt", "--actor", "duo", "--json", *options)
    assert result.exit_code == 0, result.stderr
    (clip,) = json.loads(result.stdout)["clips"]
    return dict(clip)


def test_another_voice_has_another_rhythm_and_another_sound(duo: Path) -> None:
    actor = load_actor("duo")

    def takes(text: str, **settings: str) -> tuple[tuple[float, ...], np.ndarray]:
        take = actor.speak(text, steps=2, **settings)
        return tuple(word.end for word in take.tokens.words), take.codes["mel"]

    ends, mel = takes("Hello there.")
    own_ends, own_mel = takes("Hello there.", voice="ada:2")
    assert own_ends == ends and np.array_equal(own_mel, mel)
    assert takes("Hello there.", voice="ben")[0] != ends
    assert takes("Hello there.", voice="ada,ben")[0] not in (ends, takes("Hello there.", voice="ben")[0])
    marked_ends, marked_mel = takes("Hello there. [voice ben] Hello there.")
    plain_ends, plain_mel = takes("Hello there. Hello there.")
    assert marked_ends[:2] == plain_ends[:2] and marked_ends != plain_ends
    assert not np.array_equal(marked_mel[-20:], plain_mel[-20:])
    with pytest.raises(InputError, match="unknown voice 'leo'"):
        actor.speak("Hello.", voice="leo")


def test_the_flow_is_told_who_speaks(duo: Path) -> None:
    """Of equal tokens another voice makes another mel."""
    parts = yaml.safe_load((duo / "actor.yaml").read_text())["components"]
    parts["text_to_tokens"] = yaml.safe_load((duo.with_name("tiny") / "actor.yaml").read_text())[
        "components"
    ]["text_to_tokens"]
    (duo / "text_to_tokens.safetensors").write_bytes(
        (duo.with_name("tiny") / "text_to_tokens.safetensors").read_bytes()
    )
    write_description(duo, components=parts)
    one, other = (load_actor("duo").speak("Hello.", voice=name, steps=2) for name in ("ada", "ben"))
    assert np.array_equal(one.tokens.logits, other.tokens.logits)
    assert not np.array_equal(one.codes["mel"], other.codes["mel"])


def test_a_run_goes_by_who_is_heard_and_not_by_how_it_is_asked_for(
    duo: Path, tiny: Path, avgen: Avgen
) -> None:
    assert made(avgen)["status"] == "rendered"
    (finished,) = read_finished(tiny / "out")
    assert finished.receipt.settings["voice"] == "ada"
    assert made(avgen, "--voice", "Ada")["status"] == "unchanged"
    other = made(avgen, "--voice", "ada:0.6,ben:0.4")
    assert other["status"] == "rendered" and not other["cached"]
    (finished,) = read_finished(tiny / "out")
    assert finished.receipt.settings["voice"] == "ada:0.6,ben:0.4"
    assert made(avgen, "--voice", "ben:2,ada:3")["status"] == "unchanged"
    (tiny / "own.yaml").write_text("voice: ben\nsize: 64\n")
    assert made(avgen, "--preset", "own.yaml")["status"] == "rendered"
    (tiny / "picks.csv").write_text(picks_csv(read_finished(tiny / "out")))
    assert json.loads(avgen("render", "picks.csv", "--json").stdout)["counts"] == {"unchanged": 1}


def test_who_is_unknown_stops_the_run_before_its_first_clip(duo: Path, tiny: Path, avgen: Avgen) -> None:
    (tiny / "m.csv").write_text("id,text,actor,voice\na,Hi.,duo,ben\nb,Hi.,duo,bne\n")
    result = avgen("render", "m.csv")
    assert result.exit_code == 2
    assert result.stderr == "Error: m.csv: line 3: unknown voice 'bne'. Did you mean 'ben'?\n"
    (tiny / "talk.txt").write_text("Hello.\n[voice leo] Hello.\n")
    result = avgen("render", "talk.txt", "--actor", "duo")
    assert result.exit_code == 2
    assert result.stderr == "Error: talk.txt line 2: '[voice leo]': unknown voice 'leo'. Known: ada, ben.\n"
    assert not (tiny / "out").exists()


def test_list_says_who_is_there(duo: Path, avgen: Avgen) -> None:
    assert avgen("voices", "list", "--actor", "duo").stdout.splitlines() == [
        "* ada   190 Hz  a test voice",
        "  ben   110 Hz  a test voice",
    ]
    about = json.loads(avgen("voices", "list", "--actor", "duo", "--json").stdout)
    assert (about["actor"], about["voice"]) == ("duo", "ada")
    assert about["voices"][1] == {"name": "ben", **voice(110, 12)}
    assert avgen("voices", "list", "--actor", "dou").exit_code == 2
    assert re.search(r"voices: +ada, ben\n", avgen("actors", "info", "duo").stdout)


def test_a_sample_is_sound_alone(duo: Path, tiny: Path, avgen: Avgen) -> None:
    sample = ("voices", "sample", "ada:0.6,ben:0.4", "--actor", "duo", "-o", "both.wav")
    result = avgen(*sample)
    assert (result.exit_code, result.stdout) == (0, "both.wav\n"), result.stderr
    with wave.open(str(tiny / "both.wav")) as sound:
        assert sound.getframerate() == 48_000 and sound.getnframes() > 48_000
    again = avgen(*sample)
    assert again.exit_code == 74 and "both.wav exists. Move it, or give --overwrite." in again.stderr
    before = (tiny / "both.wav").read_bytes()
    assert avgen(*sample, "--overwrite").exit_code == 0 and (tiny / "both.wav").read_bytes() == before
    for name, file, said in (
        ("leo", "a.wav", "unknown voice 'leo'. Known: ada, ben."),
        ("ada", "a.mp4", "a.mp4: expected a file that ends in .wav, .flac, .mp3."),
    ):
        result = avgen("voices", "sample", name, "--actor", "duo", "-o", file)
        assert result.exit_code == 2 and result.stderr == f"Error: {said}\n"
        assert not (tiny / file).exists()
