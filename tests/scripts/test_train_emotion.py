from __future__ import annotations

import numpy as np

from avgen.emotion import EMOTIONS
from avgen.speech.affect import FELT
from avgen.speech.measures import MEASURES
from avgen.types import HOP_SIZE
from scripts.train.train_emotion import CLASSES, Speaker, fit, guesses, report, speak


def sounds(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Measures of 40 sounds of each class, which differ in one measure each."""
    rng = np.random.default_rng(seed)
    classes = np.repeat(np.arange(len(CLASSES)), 40)
    measures = rng.normal(5, 2, (len(classes), len(MEASURES)))
    measures[np.arange(len(classes)), classes - 1] += np.where(classes, 8, 0)
    measures[0, 0] = np.nan  # a whisper
    return measures.astype(np.float32), classes


def test_what_can_be_told_is_learnt() -> None:
    ear = fit(*sounds(0))
    measures, classes = sounds(1)
    assert np.mean(guesses(ear, measures) == classes) > 0.7
    strongest = ear.weights.argmax(0)
    assert strongest.tolist() == [0, 1, 2, 3]
    text = report(ear, measures, classes, trained=200)
    assert all(f"| {name} |" in text for name in (*CLASSES, *MEASURES)) and "(chance: 20%)" in text


def test_a_speaker_and_an_emotion_move_the_voice() -> None:
    given = {}

    def vocoder(mel: np.ndarray, seed: int, prosody: object) -> np.ndarray:
        given.update(mel=mel, prosody=prosody)
        return np.zeros(len(mel) * HOP_SIZE, np.float32)

    sad = np.array([float(name == "sad") for name in EMOTIONS], np.float32)
    speaker = Speaker(pitch=-9.0, melody=0.0, tilt=0.5, formants=0.9, tempo=0.5)
    samples = speak(np.zeros((100, 80), np.float32), speaker, sad, vocoder, 0)
    assert len(samples) > 200 * HOP_SIZE  # half the tempo, and sad speech is slow
    assert given["prosody"].pitch[0] < -9 and given["prosody"].melody[0] < 0
    assert np.isfinite(given["mel"]).all()
    assert set(FELT) < set(CLASSES)
