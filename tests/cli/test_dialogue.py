"""`avgen render` of a dialogue: a video of each person, and scenes of all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result

from avgen.metrics import rendered
from avgen.partner import FACE_CHANNELS
from avgen.speech import recognition
from avgen.takes.receipts import read_receipt
from tests.fakes import write_actor, write_description

Avgen = Callable[..., Result]
Probe = Callable[[Path], SimpleNamespace]
TALK = """MIA: Hello there. Did you see the results of it?
KIT: No.
MIA: They are good, and we should look at them together.
KIT: [interrupts] Wait!
"""


@pytest.fixture
def talk(tiny: Path) -> Path:
    """A dialogue of two actors, in a file."""
    actors = tiny / "home" / "actors"
    for name in ("mia", "kit"):
        shutil.copytree(actors / "tiny", actors / name)
        write_description(actors / name, name=name, title=name.title(), consent=f"{name} agreed.")
    (tiny / "talk.txt").write_text(TALK, encoding="utf-8")
    return tiny


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_everybody_gets_a_video_and_all_of_them_one(talk: Path, avgen: Avgen, probe: Probe) -> None:
    result = avgen("render", "talk.txt", "--export", "srt,wav")
    assert result.exit_code == 0, result.stderr
    videos = [talk / "out" / f"{name}.mp4" for name in ("talk.mia", "talk.kit", "talk")]
    assert names(talk / "out") == {
        path.with_suffix(suffix).name for path in videos for suffix in (".mp4", ".srt", ".wav")
    }
    found = [probe(path) for path in videos]
    assert len({one.frames for one in found}) == 1
    assert "64x64" in found[0].about and "128x64" in found[2].about and "stereo" in found[2].about
    assert "Synthetic video of Mia and Kit" in found[2].about and "mia agreed. kit agreed." in found[2].about
    said = (talk / "out" / "talk.srt").read_text()
    lines = [line for line in said.splitlines() if line and not line[0].isdigit()]
    assert [line.split()[0] for line in lines if ": " in line] == ["MIA:", "MIA:", "KIT:", "MIA:", "KIT:"]
    assert "MIA" not in (talk / "out" / "talk.mia.srt").read_text()
    receipt = read_receipt(videos[2])
    assert (
        receipt and receipt.clip == "talk" and receipt.actor == "mia, kit" and receipt.source == "../talk.txt"
    )
    assert receipt.text.splitlines()[1] == "KIT: No." and receipt.consent == "mia agreed. kit agreed."
    mine = read_receipt(videos[1])
    assert mine and (mine.actor, mine.clip, mine.text) == ("kit", "talk", "No.\nWait!")
    again = avgen("render", "talk.txt", "--export", "srt,wav", "--json")
    assert json.loads(again.stdout)["counts"] == {"unchanged": 3}


def test_another_layout_draws_nobody_anew(talk: Path, avgen: Avgen, probe: Probe) -> None:
    assert avgen("render", "talk.txt", "--layout", "none", "-o", "a").exit_code == 0
    assert names(talk / "a") == {"talk.mia.mp4", "talk.kit.mp4"}
    result = avgen("render", "talk.txt", "--layout", "cut", "--layout", "side-by-side", "-o", "b", "--json")
    assert result.exit_code == 0, result.stderr
    clips = {clip["id"]: clip for clip in json.loads(result.stdout)["clips"]}
    assert set(clips) == {"talk.mia", "talk.kit", "talk.cut", "talk.side-by-side"}
    assert set(clips["talk.mia"]["seconds"]) == {"mux"}
    assert set(clips["talk.cut"]["seconds"]) == {"render", "mux"}
    assert "64x64" in probe(talk / "b" / "talk.cut.mp4").about


def test_what_a_scene_is_made_of_is_made_anew_where_it_is_lost(talk: Path, avgen: Avgen) -> None:
    assert avgen("render", "talk.txt").exit_code == 0
    shutil.rmtree(talk / "cache")
    (talk / "out" / "talk.mp4").unlink()
    result = avgen("render", "talk.txt", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["counts"] == {"unchanged": 2, "rendered": 1}


def test_the_rhythm_of_a_dialogue_is_one(talk: Path, avgen: Avgen) -> None:
    """What one person says moves the others' clips; a camera moves none of what was made before."""
    assert avgen("render", "talk.txt").exit_code == 0
    before = {name: read_receipt(talk / "out" / f"talk.{name}.mp4") for name in ("mia", "kit")}
    (talk / "talk.txt").write_text(TALK.replace("No.", "No, not at all."), encoding="utf-8")
    assert avgen("render", "talk.txt").exit_code == 0
    for name, receipt in before.items():
        after = read_receipt(talk / "out" / f"talk.{name}.mp4")
        assert receipt and after and receipt.results["tokens"] != after.results["tokens"]
    assert avgen("render", "talk.txt", "--camera", "portrait", "-o", "front").exit_code == 0
    front = read_receipt(talk / "front" / "talk.kit.mp4")
    assert front and after and front.results["waveform"] == after.results["waveform"]
    assert (front.settings["camera"], after.settings["camera"]) == ("portrait", "15,0,1,20")


def test_subtitles_are_drawn_into_a_scene(talk: Path, avgen: Avgen, probe: Probe) -> None:
    result = avgen("render", "talk.txt", "--size", "128", "--export", "subtitled,ass,vtt,words")
    assert result.exit_code == 0, result.stderr
    assert "256x128" in probe(talk / "out" / "talk.subtitled.mp4").about
    assert "PlayResX: 256" in (talk / "out" / "talk.ass").read_text()
    assert "Default,KIT,0,0,0,,KIT: " in (talk / "out" / "talk.ass").read_text()
    assert "<v KIT>No." in (talk / "out" / "talk.vtt").read_text()
    assert (talk / "out" / "talk.kit.words.json").exists() and not (talk / "out" / "talk.words.json").exists()


def test_one_file_may_be_named(talk: Path, avgen: Avgen) -> None:
    assert avgen("render", "talk.txt", "-o", "film.webm", "--seed", "3").exit_code == 0
    assert {"film.webm", "film.mia.webm", "film.kit.webm"} <= names(talk)


def test_a_batch_of_dialogues_in_a_manifest(talk: Path, avgen: Avgen) -> None:
    (talk / "day.csv").write_text(
        "dialogue,speaker,text,actor\na,MIA,Hello.,\nb,ANN,Hello.,kit\na,KIT,Bye.,\nb,MIA,Bye.,\n", "utf-8"
    )
    result = avgen("render", "day.csv", "--seeds", "1,2", "--layout", "cut")
    assert result.exit_code == 0, result.stderr
    assert {"a.s1.mp4", "a.s2.kit.mp4", "b.s1.ann.mp4", "b.s2.mia.mp4"} <= names(talk / "out")
    assert len(names(talk / "out")) == 12
    share = avgen("render", "day.csv", "--seeds", "1,2", "--shard", "2/4", "--dry-run")
    assert [line.split(":")[0] for line in share.stdout.splitlines()] == [
        f"out/{name}.mp4" for name in ("a.s2.mia", "a.s2.kit", "a.s2")
    ]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (TALK.replace("KIT", "ANN"), (), "talk.txt line 2: ANN: unknown actor 'ann'. "),
        ("cast: MIA = mia, voice bob\n" + TALK, (), "talk.txt line 1: MIA: unknown voice 'bob'."),
        (TALK, ("--camera", "attic"), "unknown camera 'attic'"),
        (TALK, ("--layout", "cut", "--layout", "none"), "layout: none goes with no other."),
        (TALK, ("--background", "transparent", "--format", "webm"), "a scene cannot be transparent."),
        (TALK, ("--turn-gap", "20"), "turn_gap: expected a number from -1.0 to 10.0, got 20.0."),
        (TALK.replace("No.", "[voice bob] No."), (), "talk.txt line 2: '[voice bob]'"),
        ("Hello.", ("--layout", "cut"), "layout: there is no dialogue here"),
    ],
)
def test_what_cannot_be_is_said_before_any_work(
    talk: Path, avgen: Avgen, text: str, options: tuple[str, ...], message: str
) -> None:
    (talk / "talk.txt").write_text(text, encoding="utf-8")
    result = avgen("render", "talk.txt", *options)
    assert result.exit_code == 2 and message in result.stderr.replace("talk.txt line 2: talk", "talk")
    assert not (talk / "out").exists()


def test_other_commands_know_dialogues(talk: Path, avgen: Avgen) -> None:
    assert "Did you see the results of it?" in avgen("read", "talk.txt").stdout
    assert "3 clips, 0 done" in avgen("render", "talk.txt", "--dry-run").stderr
    assert avgen("render", "talk.txt").exit_code == 0
    assert avgen("status", "out").exit_code == 0
    assert avgen("gallery", "out").exit_code == 0
    exported = avgen("export", "out/talk.kit.mp4", "--to", "vtt")
    assert exported.exit_code == 0, exported.stderr


def test_files_are_made_beside_a_scene_later(talk: Path, avgen: Avgen) -> None:
    assert avgen("render", "talk.txt", "--layout", "cut", "--export", "ass").exit_code == 0
    first = (talk / "out" / "talk.ass").read_text()
    (talk / "out" / "talk.ass").unlink()
    result = avgen("export", "out/talk.mp4", "--to", "ass,wav")
    assert result.exit_code == 0 and (talk / "out" / "talk.ass").read_text() == first
    result = avgen("export", "out", "--to", "words,srt")
    assert result.exit_code == 0, result.stderr
    assert {"talk.srt", "talk.mia.srt", "talk.kit.words.json"} <= names(talk / "out")
    assert "talk.words.json" not in names(talk / "out")
    refused = avgen("export", "out/talk.mp4", "--to", "srt,words")
    assert refused.exit_code == 2 and "out/talk.mp4: words is of one person." in refused.stderr
    shutil.rmtree(talk / "cache")
    lost = avgen("export", "out/talk.mp4", "--to", "srt")
    assert lost.exit_code == 2 and "are not in the cache any more" in lost.stderr


def test_turns_of_a_scene_are_measured(talk: Path, avgen: Avgen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "missing_packages", lambda: ("whisper",))
    monkeypatch.setattr(rendered, "_avatar", lambda *names: None)  # the tiny one has no face to measure
    assert avgen("render", "talk.txt").exit_code == 0
    result = avgen("evaluate", "out", "--json")
    assert result.exit_code == 0, result.stderr
    clips = json.loads(result.stdout)["folders"]["out"]["clips"]
    assert clips["talk.mp4"]["turns_overlapping"] == pytest.approx(1 / 3)
    assert -0.7 < clips["talk.mp4"]["turn_gap"] < 2 and "turn_gap" not in clips["talk.mia.mp4"]


def test_a_mix_may_be_mono_and_laughs_are_heard(talk: Path, avgen: Avgen, probe: Probe) -> None:
    (talk / "talk.txt").write_text(TALK.replace("No.", "[laughs] No."), encoding="utf-8")
    result = avgen("render", "talk.txt", "--mix", "mono", "--export", "srt")
    assert result.exit_code == 0, result.stderr
    assert "mono" in probe(talk / "out" / "talk.mp4").about
    assert "(laughs)" in (talk / "out" / "talk.srt").read_text()
    wrong = avgen("render", "talk.txt", "--mix", "surround")
    assert wrong.exit_code == 2


def test_who_has_learnt_to_listen_is_told_of_the_others(talk: Path, avgen: Avgen) -> None:
    shutil.rmtree(talk / "home" / "actors" / "kit")
    write_actor(talk / "home" / "actors" / "kit", face_channels=FACE_CHANNELS)
    result = avgen("render", "talk.txt", "--layout", "none", "--json")
    assert result.exit_code == 0, result.stderr
    seconds = {clip["id"]: clip["seconds"] for clip in json.loads(result.stdout)["clips"]}
    assert "listen" in seconds["talk.kit"] and "listen" not in seconds["talk.mia"]
    (talk / "talk.txt").write_text(TALK.replace("They are good", "They are bad"), encoding="utf-8")
    result = avgen("render", "talk.txt", "--layout", "none", "--json")
    assert (
        "listen" in {clip["id"]: clip["seconds"] for clip in json.loads(result.stdout)["clips"]}["talk.kit"]
    )
