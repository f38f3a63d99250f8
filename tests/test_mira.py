"""The actor that ships: her files, and that she says and shows what she is given."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.actors.actor import check_files
from avgen.metrics.lips import CLOSED
from avgen.performer import Performer, Take, load_actor
from avgen.text.labels import LABELS
from avgen.types import CODE_RATE, FloatArray, Tokens

pytestmark = pytest.mark.assets
TEXT = "Bobby bought a big blue balloon. [pause 0.6] Mom maps the museum."


@pytest.fixture(scope="module")
def mira() -> Performer:
    return load_actor("mira")


@pytest.fixture(scope="module")
def take(mira: Performer) -> Take:
    return mira.speak(TEXT, seed=3, preset="draft")


@pytest.fixture(scope="module")
def gap(mira: Performer, take: Take) -> FloatArray:
    """Between her lips, in metres, in every frame."""
    return mira.models["avatar"].codec.lip_gap(take.codes["face"])


def frames(tokens: Tokens, labels: set[str], trim: float) -> np.ndarray:
    """Frames inside the named phonemes, their edges trimmed by a share."""
    centre = (np.arange(len(tokens.logits)) + 0.5) / CODE_RATE
    inside = np.zeros(len(centre), bool)
    for phoneme in tokens.phonemes:
        if phoneme.label in labels:
            edge = trim * (phoneme.end - phoneme.start)
            inside |= (centre > phoneme.start + edge) & (centre < phoneme.end - edge)
    return inside


def test_her_files_are_whole_and_small(mira: Performer) -> None:
    check_files(mira.actor)
    sizes = {slot: part.file.stat().st_size for slot, part in mira.actor.components.items()}
    assert sizes.pop("gesture_generator") < 4e6
    assert sum(sizes.values()) < 60e6


def test_her_label_set_is_the_front_ends(mira: Performer) -> None:
    parts = mira.actor.components
    assert parts["flow"].config["conditions"]["tokens"]["channels"] == len(LABELS)
    assert parts["text_to_tokens"].config["num_labels"] == len(LABELS)


def test_her_lips_close_on_bilabials_and_open_on_vowels(take: Take, gap: FloatArray) -> None:
    assert (gap[frames(take.tokens, {"p", "b", "m"}, 0.3)] < CLOSED).mean() > 0.85
    assert gap[frames(take.tokens, {"ɔ2", "ɪ2", "æ2", "ɑ2"}, 0.3)].mean() > 4 * CLOSED


def test_pauses_are_silent_with_closed_lips(take: Take, gap: FloatArray) -> None:
    pause = max(take.tokens.phonemes[1:-1], key=lambda phoneme: phoneme.end - phoneme.start)
    middle = slice(int((pause.start + 0.2) * CODE_RATE), int((pause.end - 0.15) * CODE_RATE))
    assert (gap[middle] < 2 * CLOSED).mean() > 0.8
    level = np.abs(take.waveform.samples.reshape(-1, 256)).max(1)
    assert level[middle].max() < 0.05 * level.max()


def test_her_voice_has_the_pitch_of_a_woman(take: Take) -> None:
    """Autocorrelation of the loudest 50 ms peaks between 140 and 315 Hz."""
    samples = take.waveform.samples
    start = int(np.convolve(samples**2, np.ones(1102), "valid").argmax())
    loud = samples[start : start + 1102]
    correlation = np.correlate(loud, loud, "full")[1101:]
    lag = 70 + int(correlation[70:160].argmax())
    assert correlation[lag] > 0.4 * correlation[0]
    assert 140 < 22050 / lag < 315


def test_her_head_stays_near_rest(take: Take) -> None:
    head = take.codes["head"]
    np.testing.assert_allclose(np.linalg.norm(head[:, :4], axis=1), 1.0, atol=1e-4)
    assert np.degrees(2 * np.arccos(np.abs(head[:, 0]).clip(max=1))).max() < 25
    assert np.abs(head[:, 4:]).max() < 0.03
