"""`avgen evaluate` on files that the tiny actor really made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from avgen.avatars.mesh.codec import FaceCodec, LidContact, LipContact
from avgen.media.soundtrack import read_soundtrack
from avgen.metrics import evaluation
from avgen.speech import recognition
from tests.fakes import TinyAvatar

UNITS = ("mouthClose", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft", "eyeBlinkRight")


@pytest.fixture
def folder(avgen: Callable[..., Result], tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two takes of one text by an actor whose face has lips, lids and corners of the mouth."""
    lips = LipContact(np.full(2, 0.01, np.float32), np.array([[-0.01, 0, 0, 0, 0]] * 2, np.float32), 1e-4)
    lids = LidContact(np.full(2, 0.01, np.float32), -0.01 * np.eye(5, dtype=np.float32)[3:])
    codec = FaceCodec(UNITS, np.arange(3), np.zeros(5, np.float32), np.ones(3, np.float32), lips, lids)
    deltas = np.zeros((5, 2, 3), np.float32)
    deltas[1, 0, 0], deltas[2, 1, 0] = 0.01, -0.01
    rest = np.array([[0.02, 0, 0], [-0.02, 0, 0]], np.float32)
    for name, value in (("codec", codec), ("deltas", deltas), ("mesh", SimpleNamespace(rest=rest))):
        monkeypatch.setattr(TinyAvatar, name, value, raising=False)
    monkeypatch.setattr(recognition, "missing_packages", lambda: ["faster_whisper"])
    assert avgen("render", "script.txt", "--variations", "2").exit_code == 0
    return tiny / "out"


def measures(result: Result, folder: str = "out") -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["folders"][folder]


def test_every_file_and_all_together_are_measured(avgen: Callable[..., Result], folder: Path) -> None:
    found = measures(avgen("evaluate", "out", "--json"))
    assert list(found["clips"]) == ["script.s0.mp4", "script.s1.mp4"]
    clip = found["clips"]["script.s0.mp4"]
    assert {
        "sound_delay_ms",
        "lips_closed",
        "blinks_per_minute",
        "beat_face",
        "beat_head",
        "diversity_face",
    } <= set(clip)
    assert {"beat_face_shuffled", "takes_diversity_face", "takes_diversity_head"} <= set(found["summary"])
    assert found["summary"]["takes_diversity_face"] > 0
    assert "word_error_rate" not in clip and "avgen[evaluate]" in found["missing"][""][0]
    assert json.loads((folder / ".avgen" / "run" / "evaluation.json").read_bytes()) == found


def test_a_folder_measured_against_itself_has_no_distance(avgen: Callable[..., Result], folder: Path) -> None:
    found = measures(avgen("evaluate", "out", "--reference", "out", "--json"))
    clip, summary = found["clips"]["script.s1.mp4"], found["summary"]
    assert clip["mcd"] == 0 and clip["lip_f1"] == 1 and clip["smile_f1"] == 1
    assert summary["frechet_face"] == pytest.approx(0, abs=1e-6)
    assert summary["frechet_head"] == pytest.approx(0, abs=1e-6)


def test_what_the_cache_lost_is_said_and_the_rest_is_measured(
    avgen: Callable[..., Result], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVGEN_CACHE_DIR", str(folder.parent / "empty"))
    result = avgen("evaluate", "out")
    assert result.exit_code == 0
    assert "script.s0.mp4: its face and head codes are not in the cache any more" in result.stderr
    assert "--force" in result.stderr
    assert "seconds" in result.stdout and "beat_face" not in result.stdout


def test_another_avatar_is_not_measured_as_this_one(avgen: Callable[..., Result], folder: Path) -> None:
    description = folder.parent / "home" / "actors" / "tiny" / "actor.yaml"
    text = description.read_text(encoding="utf-8")
    digest = json.loads((folder / ".avgen" / "script.s0.mp4.json").read_bytes())["weights"]["avatar"]
    description.write_text(text.replace(digest, "f" * 64), encoding="utf-8")
    found = measures(avgen("evaluate", "out", "--json"))
    assert "has another avatar now" in found["missing"]["script.s0.mp4"][0]
    assert "beat_head" in found["clips"]["script.s0.mp4"]
    assert "lips_closed" not in found["clips"]["script.s0.mp4"]


def test_words_are_compared_with_the_sound_of_the_file(
    avgen: Callable[..., Result], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "missing_packages", list)
    monkeypatch.setattr(recognition, "transcribe", lambda samples: "hello there this is a short trip")
    monkeypatch.setattr(recognition, "dnsmos", lambda samples: (3.0, 3.5))
    found = measures(avgen("evaluate", "out", "--json"))
    assert found["clips"]["script.s0.mp4"]["word_error_rate"] == pytest.approx(1 / 7)
    assert found["summary"]["word_error_rate"] == pytest.approx(1 / 7)
    assert found["summary"]["dnsmos_p808"] == pytest.approx(3.5)
    assert not found["missing"]


def test_every_measure_is_described(avgen: Callable[..., Result], folder: Path) -> None:
    result = avgen("evaluate", "out", "-o", "all.json")
    assert evaluation.METRICS["beat_head"] in result.stdout
    assert set(json.loads((folder.parent / "all.json").read_bytes())["folders"]) == {"out"}


def test_a_folder_without_videos_is_an_error(avgen: Callable[..., Result], tiny: Path) -> None:
    result = avgen("evaluate", "home")
    assert result.exit_code == 2
    assert "no video here with a receipt" in result.stderr


def test_soundtrack_lasts_as_long_as_the_video(avgen: Callable[..., Result], folder: Path) -> None:
    receipt = json.loads((folder / ".avgen" / "script.s0.mp4.json").read_bytes())
    samples = read_soundtrack(folder / "script.s0.mp4")
    assert len(samples) / 22_050 == pytest.approx(receipt["duration"], abs=0.06)
    with pytest.raises(Exception, match=r"script\.txt: its sound cannot be read"):
        read_soundtrack(folder.parent / "script.txt")


def test_work_is_that_of_the_run_that_made_the_file(avgen: Callable[..., Result], folder: Path) -> None:
    assert avgen("render", "script.txt", "--variations", "2").exit_code == 0  # nothing is left to do
    for clip in measures(avgen("evaluate", "out", "--json"))["clips"].values():
        assert 0 < clip["flow_per_second"] < clip["work_per_second"]
