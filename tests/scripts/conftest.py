from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avgen.types import CODE_RATE
from scripts.mira.contact import Contact
from scripts.mira.performance.speech import Speech, hear
from scripts.mira.performance.units import FACE_UNITS, UNIT
from scripts.mira.phones import Phone

WORDS = "$ 0.3|h 0.08|ə 0.07|l 0.08|O2 0.2|, 0.4|m 0.09|A2 0.2|p 0.1|u1 0.15|b 0.08|i 0.2|f 0.1|æ2 0.25|. 0.6"


LENGTHS = (30, 41, 25)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus of three utterances, the second without vocoder targets."""
    from scripts.voices.corpus import save

    rng = np.random.default_rng(0)
    main: dict[str, list[np.ndarray]] = {key: [] for key in ("ids", "dur", "f0", "mel")}
    targets: dict[str, list[np.ndarray]] = {key: [] for key in ("harmonic", "noise", "pitch", "samples")}
    rows = []
    for number, frames in enumerate(LENGTHS):
        main["ids"].append(np.arange(number + 3, dtype=np.int16))
        main["dur"].append(np.full(number + 3, 2, np.int16))
        main["f0"].append(np.full(4 * (number + 3), 200, np.float32))
        main["mel"].append(rng.uniform(-8, 0, (frames, 80)).astype(np.float16))
        row = {"id": number, "text": f"Text {number}.", "phonemes": "ab", "held": False, "shard": 0}
        rows.append(row | {"row": number, "frames": frames, "target": None})
        if number != 1:
            rows[-1]["target"] = len(targets["pitch"])
            targets["harmonic"].append(rng.uniform(-8, 0, (frames, 513)).astype(np.float16))
            targets["noise"].append(rng.uniform(-8, 0, (4 * frames, 129)).astype(np.float16))
            targets["pitch"].append(np.where(np.arange(frames) % 9 < 5, 210.0, 0.0).astype(np.float32))
            targets["samples"].append(rng.integers(-9000, 9000, frames * 256).astype(np.int16))
    save(tmp_path / "shard_000.npz", main)
    save(tmp_path / "par_000.npz", targets)
    (tmp_path / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"id": 3, "te')
    return tmp_path


@pytest.fixture
def contact() -> Contact:
    """A mouth of three stations whose jaw opens it and whose close unit seals it."""
    lips = np.zeros((3, len(FACE_UNITS)))
    lips[:, UNIT["jawOpen"]] = (0.020, 0.033, 0.020)
    lips[:, UNIT["mouthClose"]] = (-0.020, -0.033, -0.020)
    lips[:, UNIT["mouthLowerDownLeft"]] = lips[:, UNIT["mouthLowerDownRight"]] = 0.003
    lids = np.zeros((2, len(FACE_UNITS)))
    lids[0, UNIT["eyeBlinkLeft"]] = lids[1, UNIT["eyeBlinkRight"]] = -0.011
    rim = np.zeros(len(FACE_UNITS))
    rim[UNIT["jawOpen"]], rim[UNIT["mouthRollLower"]] = -0.032, 0.002
    for side in ("Left", "Right"):
        lips[:, UNIT["mouthSmile" + side]] = 0.0015
        lips[:, UNIT["mouthFrown" + side]] = -0.0005
        rim[UNIT["mouthSmile" + side]] = 0.0030
    return Contact(
        units=list(FACE_UNITS),
        lip_x=np.linspace(-0.02, 0.02, 3),
        g0=np.full(3, -0.0001),
        G=lips,
        lid_gap=np.full(2, 0.008),
        lid=lids,
        fv_gap=0.0036,
        fv=rim,
        fv_forward=np.zeros(1 + len(FACE_UNITS)),
    )


@pytest.fixture
def speak() -> Callable[[str], Speech]:
    return _speak


@pytest.fixture
def speech() -> Speech:
    return _speak(WORDS)


def _speak(words: str) -> Speech:
    """Speech of phones, each given as its name, its stress and its seconds."""
    phones, time = [], 0.0
    for word in words.split("|"):
        name, seconds = word.split(" ")
        stress = int(name[1:] or 0)
        phones.append(Phone(name[0], stress, time, time + float(seconds)))
        time += float(seconds)
    frames = round(time * CODE_RATE)
    centres = (np.arange(frames) + 0.5) / CODE_RATE
    voiced = np.array([any(p.start <= t < p.end and p.stress for p in phones) for t in centres])
    silent = np.array([any(p.start <= t < p.end and p.name in "$,." for p in phones) for t in centres])
    mel = np.where(silent, -11.0, np.where(voiced, -3.0, -5.0))[:, None] + np.zeros((frames, 80))
    return hear(phones, mel, np.where(voiced, 200 + 20 * np.sin(centres), 0.0))
