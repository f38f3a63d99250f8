"""The actor that ships: her files, and that she says and shows what she is given."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.actors.actor import Actor, check_files, find_actor
from avgen.actors.components import Models
from avgen.emotion import Emotion
from avgen.metrics.lips import CLOSED
from avgen.stages.sample import sample
from avgen.stages.tokenize import tokenize
from avgen.stages.vocode import vocode
from avgen.text import read_script
from avgen.text.labels import LABELS
from avgen.types import CODE_RATE, Codes, Tokens, Waveform

pytestmark = pytest.mark.assets
TEXT = "Bobby bought a big blue balloon. [pause 0.6] Mom maps the museum."


@pytest.fixture(scope="module")
def mira() -> Actor:
    return find_actor("mira")


@pytest.fixture(scope="module")
def take(mira: Actor) -> tuple[Models, Tokens, Codes, Waveform]:
    models = Models(mira)
    neutral = Emotion.parse("neutral")
    tokens = tokenize(
        *(read_script(TEXT), models["text_to_tokens"]),
        **{"seed": 3, "emotion": neutral, "speaking_rate": 1.0, "sentence_silence": 0.35},
    )
    codes = sample(
        tokens,
        models["flow"],
        models["head_vae"],
        seed=3,
        emotion=neutral,
        steps=4,
        temperature=1.0,
        guidance_scale=1.0,
    )
    return models, tokens, codes, vocode(codes, models["vocoder"], seed=3, mean_pitch=models.actor.mean_pitch)


def frames(tokens: Tokens, labels: set[str], trim: float) -> np.ndarray:
    """Frames inside the named phonemes, their edges trimmed by a share."""
    centre = (np.arange(len(tokens.logits)) + 0.5) / CODE_RATE
    inside = np.zeros(len(centre), bool)
    for phoneme in tokens.phonemes:
        if phoneme.label in labels:
            edge = trim * (phoneme.end - phoneme.start)
            inside |= (centre > phoneme.start + edge) & (centre < phoneme.end - edge)
    return inside


def test_her_files_are_whole_and_under_sixty_megabytes(mira: Actor) -> None:
    check_files(mira)
    assert sum(part.file.stat().st_size for part in mira.components.values()) < 60e6


def test_her_label_set_is_the_front_ends(mira: Actor) -> None:
    assert mira.components["flow"].config["conditions"]["tokens"]["channels"] == len(LABELS)
    assert mira.components["text_to_tokens"].config["num_labels"] == len(LABELS)


def test_her_lips_close_on_bilabials_and_open_on_vowels(take: tuple[Models, Tokens, Codes, Waveform]) -> None:
    models, tokens, codes, _ = take
    gap = models["avatar"].codec.lip_gap(codes.face)
    assert (gap[frames(tokens, {"p", "b", "m"}, 0.3)] < CLOSED).mean() > 0.85
    assert gap[frames(tokens, {"ɔ2", "ɪ2", "æ2", "ɑ2"}, 0.3)].mean() > 4 * CLOSED


def test_pauses_are_silent_with_closed_lips(take: tuple[Models, Tokens, Codes, Waveform]) -> None:
    models, tokens, codes, speech = take
    gap = models["avatar"].codec.lip_gap(codes.face)
    pause = max(tokens.phonemes[1:-1], key=lambda phoneme: phoneme.end - phoneme.start)
    middle = slice(int((pause.start + 0.2) * CODE_RATE), int((pause.end - 0.15) * CODE_RATE))
    assert (gap[middle] < 2 * CLOSED).mean() > 0.8
    level = np.abs(speech.samples.reshape(-1, 256)).max(1)
    assert level[middle].max() < 0.05 * level.max()


def test_her_voice_has_the_pitch_of_a_woman(take: tuple[Models, Tokens, Codes, Waveform]) -> None:
    """Autocorrelation of the loudest 50 ms peaks between 140 and 315 Hz."""
    samples = take[-1].samples
    start = int(np.convolve(samples**2, np.ones(1102), "valid").argmax())
    loud = samples[start : start + 1102]
    correlation = np.correlate(loud, loud, "full")[1101:]
    lag = 70 + int(correlation[70:160].argmax())
    assert correlation[lag] > 0.4 * correlation[0]
    assert 140 < 22050 / lag < 315


def test_her_head_stays_near_rest(take: tuple[Models, Tokens, Codes, Waveform]) -> None:
    head = take[2].head
    np.testing.assert_allclose(np.linalg.norm(head[:, :4], axis=1), 1.0, atol=1e-4)
    assert np.degrees(2 * np.arccos(np.abs(head[:, 0]).clip(max=1))).max() < 25
    assert np.abs(head[:, 4:]).max() < 0.03
