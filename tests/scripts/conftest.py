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
def corpora(tmp_path: Path) -> Path:
    """Corpora of one voice, `mira`, of three utterances."""
    from scripts.voices.corpus import save

    rng, folder = np.random.default_rng(0), tmp_path / "mira"
    folder.mkdir()
    arrays: dict[str, list[np.ndarray]] = {key: [] for key in ("ids", "dur", "f0", "mel", "samples")}
    rows = []
    for number, frames in enumerate(LENGTHS):
        arrays["ids"].append(np.arange(number + 3, dtype=np.int16))
        arrays["dur"].append(np.full(number + 3, 2, np.int16))
        arrays["f0"].append(np.full(4 * (number + 3), 200, np.float32))
        arrays["mel"].append(rng.uniform(-8, 0, (frames, 80)).astype(np.float16))
        arrays["samples"].append(rng.integers(-9000, 9000, frames * 256).astype(np.int16))
        row = {"id": number, "text": f"Text {number}.", "phonemes": "ab", "held": False, "shard": 0}
        rows.append(row | {"row": number, "frames": frames})
    save(folder / "shard_000.npz", arrays)
    (folder / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"id": 3, "te')
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
