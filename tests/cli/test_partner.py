"""`avgen render` with somebody to talk with: on the other channel, in another file, or all there is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from click.testing import Result

from avgen.media.soundtrack import read_soundtrack
from avgen.takes.cache import Cache
from avgen.takes.folder import read_finished, recall
from avgen.takes.picks import picks_csv
from avgen.takes.receipts import read_receipt
from tests.fakes import write_actor

Avgen = Callable[..., Result]
Probe = Callable[[Path], SimpleNamespace]
RATE = 22_050


def buzz(seconds: float, pitch: float, level: float = 0.1) -> np.ndarray:
    """A voice that pauses half of the time."""
    times = np.arange(round(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * k * pitch * times) / k for k in range(1, 6))
    return (level * np.where(times % 2 < 1.2, sound, 0)).astype(np.float32)


@pytest.fixture
def talk(tiny: Path) -> Path:
    """An actor who has learnt to listen, a partner, and a recording of two."""
    write_actor(tiny / "home" / "actors" / "ear", face_channels=55)
    soundfile.write(tiny / "partner.wav", buzz(8, 150), RATE)
    both = np.stack([buzz(3, 120), buzz(3, 300, 0.05)], 1)
    soundfile.write(tiny / "both.wav", both, RATE)
    return tiny


def test_a_partner_is_heard_once_and_moves_who_can_listen(talk: Path, avgen: Avgen) -> None:
    result = avgen("render", "script.txt", "--actor", "ear", "--partner", "partner.wav", "--json")
    assert result.exit_code == 0, result.stderr
    (clip,) = json.loads(result.stdout)["clips"]
    assert "listen" in clip["seconds"]
    assert avgen("render", "script.txt", "--actor", "ear", "-o", "alone").exit_code == 0
    with_partner, alone = (read_finished(talk / folder)[0] for folder in ("out", "alone"))
    cache = Cache(talk / "cache")
    codes = [recall(one.receipt.results, cache)["codes"]["face"] for one in (with_partner, alone)]
    assert codes[0].shape == codes[1].shape and np.abs(codes[0] - codes[1]).max() > 1e-3
    assert with_partner.receipt.results["tokens"] == alone.receipt.results["tokens"]
    assert with_partner.receipt.partner == "../partner.wav" and alone.receipt.partner == ""
    again = avgen(
        "render", "script.txt", "--actor", "ear", "--partner", "partner.wav", "--seed", "4", "--dry-run"
    )
    assert "cached: tokenize, listen" in again.stdout or "listen" not in again.stdout.split("(")[0]


def test_who_cannot_listen_is_not_given_a_partner(talk: Path, avgen: Avgen) -> None:
    refused = avgen("render", "script.txt", "--partner", "partner.wav")
    assert refused.exit_code == 2
    assert "actor tiny has not learnt to listen: nothing of partner.wav would be seen." in refused.stderr
    dialogue = "MIA: Hi.\nKIT: Ho.\n"
    (talk / "talk.txt").write_text(dialogue)
    assert "partner: expected a script" in avgen("render", "talk.txt", "--partner", "partner.wav").stderr


@pytest.mark.parametrize("actor", ["tiny", "ear"])
def test_who_only_listens_does_so_for_the_whole_length(
    talk: Path, avgen: Avgen, probe: Probe, actor: str
) -> None:
    result = avgen("render", "--listen", "partner.wav", "--actor", actor, "--sound", "both")
    assert result.exit_code == 0, result.stderr
    found = probe(talk / "out" / "partner.mp4")
    assert found.frames == 8 * 30 and "stereo" in found.about
    receipt = read_receipt(talk / "out" / "partner.mp4")
    assert receipt and receipt.road == "listening" and receipt.source == "../partner.wav"
    heard = read_soundtrack(talk / "out" / "partner.mp4")
    assert np.abs(heard).max() > 0.05
    assert avgen("render", "--listen", "partner.wav", "--actor", actor).exit_code == 0
    assert "mono" in probe(talk / "out" / "partner.mp4").about
    exported = avgen("export", "out/partner.mp4", "--to", "wav")
    assert exported.exit_code == 0, exported.stderr


def test_one_channel_speaks_and_the_other_is_listened_to(talk: Path, avgen: Avgen, probe: Probe) -> None:
    for actor in ("ear", "tiny"):
        result = avgen("render", "both.wav", "--speaker-channel", "left", "--actor", actor, "-o", actor)
        assert result.exit_code == 0, result.stderr
        assert "mono" in probe(talk / actor / "both.mp4").about
        heard = read_soundtrack(talk / actor / "both.mp4")[:RATE]
        spectrum = np.abs(np.fft.rfft(heard))
        assert 118 <= spectrum.argmax() * RATE / len(heard) <= 122
        assert spectrum[300] < 0.05 * spectrum.max()
    both = avgen("render", "both.wav", "--speaker-channel", "left", "--sound", "both", "-o", "two")
    assert both.exit_code == 0 and "stereo" in probe(talk / "two" / "both.mp4").about
    receipt = read_receipt(talk / "ear" / "both.mp4")
    assert receipt and receipt.speaker_channel == "left" and receipt.partner == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("same.wav", "--speaker-channel", "left"), 3, "same.wav: its channels are the same."),
        (
            ("partner.wav", "--speaker-channel", "left"),
            2,
            "partner.wav: --speaker-channel needs two channels, and",
        ),
        (("script.txt", "--speaker-channel", "left"), 2, "speaker_channel: expected a recording"),
        (
            ("long.wav", "--partner", "short.wav"),
            2,
            "short.wav: the partner's file lasts 0.5 s, and the recording 5.0",
        ),
        (
            ("script.txt", "--partner", "short.wav"),
            3,
            "partner: the file lasts 0.5 s, and what the actor says",
        ),
        (
            ("script.txt", "both.wav", "--partner", "partner.wav"),
            2,
            "--partner is whom the actor of one clip talks",
        ),
        (
            ("both.wav", "--speaker-channel", "left", "--partner", "partner.wav"),
            2,
            "the other channel is the partner",
        ),
        (("script.txt", "--partner", "script.txt"), 2, "script.txt: expected sound or video of the partner"),
        (("--listen", "none.wav"), 2, "none.wav: there is no such file."),
    ],
)
def test_what_cannot_be_is_said(
    talk: Path, avgen: Avgen, arguments: tuple[str, ...], code: int, message: str
) -> None:
    soundfile.write(talk / "same.wav", np.stack([buzz(2, 120)] * 2, 1), RATE)
    soundfile.write(talk / "short.wav", buzz(0.5, 120), RATE)
    soundfile.write(talk / "long.wav", buzz(5, 120), RATE)
    result = avgen("render", *arguments, "--actor", "ear")
    assert message in result.stderr and result.exit_code == code


def test_a_manifest_names_partners_and_picks_keep_them(talk: Path, avgen: Avgen) -> None:
    (talk / "day.csv").write_text(
        "id,text,audio,listen,partner,speaker_channel,sound\n"
        "a,Hello there.,,,partner.wav,,\nb,,both.wav,,,right,\nc,,,partner.wav,,,both\n"
    )
    result = avgen("render", "day.csv", "--actor", "ear")
    assert result.exit_code == 0, result.stderr
    for name in "abc":
        receipt = json.loads((talk / "out" / ".avgen" / f"{name}.mp4.json").read_text())
        assert receipt["partner"] == ("../partner.wav" if name == "a" else "")
    (talk / "picks.csv").write_text(picks_csv(read_finished(talk / "out")))
    again = avgen("render", "picks.csv", "--json")
    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout)["counts"] == {"unchanged": 3}
    (talk / "wrong.csv").write_text("id,listen,partner\na,partner.wav,both.wav\n")
    wrong = avgen("render", "wrong.csv", "--actor", "ear")
    assert wrong.exit_code == 2 and "wrong.csv: line 2: partner: expected a script" in wrong.stderr
