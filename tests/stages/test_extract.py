"""Recording to tokens: phonemes cover it, and only motion is generated for it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from avgen.emotion import NEUTRAL
from avgen.errors import StageError
from avgen.flow.avflow import AVFlow
from avgen.flow.config import AVFlowConfig, Condition
from avgen.flow.dit import DiTConfig, Window
from avgen.speech.audio import speech_level
from avgen.speech.mel import LOG_FLOOR
from avgen.stages.extract import extract, mel_of, speech_mel
from avgen.stages.sample import sample
from avgen.text.labels import BLANK, CHARACTERS, LABELS, PHONEMES, LabelSet
from avgen.types import CODE_RATE, HOP_SIZE, Waveform


def recording(frames: int) -> Waveform:
    noise = np.random.default_rng(0).standard_normal(frames * HOP_SIZE)
    return Waveform((0.1 * noise).astype(np.float32))


def extractor(labels: list[int], label_set: LabelSet = PHONEMES) -> SimpleNamespace:
    logits = np.eye(len(label_set.labels), dtype=np.float32)[labels]
    return SimpleNamespace(
        label_set=label_set.name,
        speech_level=-25.0,
        change_cost=0.1 if label_set.sharp else 0.0,
        logits=lambda samples: logits[: len(samples) // HOP_SIZE],
    )


def test_runs_of_labels_become_phonemes() -> None:
    tokens = extract(recording(6), extractor([0, 0, 7, 7, 7, 0]))
    assert [p.label for p in tokens.phonemes] == [LABELS[0], LABELS[7], LABELS[0]]
    ends = [p.end for p in tokens.phonemes]
    assert ends == pytest.approx([2 / CODE_RATE, 5 / CODE_RATE, 6 / CODE_RATE])
    assert [p.start for p in tokens.phonemes] == [0.0, *ends[:-1]]
    assert tokens.words == ()
    assert tokens.logits.argmax(1).tolist() == [0, 0, 7, 7, 7, 0]


def test_a_sound_for_a_moment_is_left_out_if_changes_cost() -> None:
    ear = extractor([7, 7, 9, 7, 7])
    assert extract(recording(5), ear).logits.argmax(1).tolist() == [7, 7, 9, 7, 7]
    ear.change_cost = 0.6
    assert extract(recording(5), ear).logits.argmax(1).tolist() == [7] * 5


def test_a_voice_far_behind_the_speakers_is_left_out() -> None:
    labels = [*[0] * 20, *[7] * 40, *[0] * 40, *[9] * 40, *[0] * 20, *[8] * 10, *[0] * 10, *[9] * 10]
    near, far = (np.repeat(np.isin(labels, kinds), HOP_SIZE) for kinds in ((7, 8), (9,)))
    noise = np.random.default_rng(0).standard_normal(len(labels) * HOP_SIZE)
    sound = 1e-4 * noise + 0.1 * noise * near
    path = {}
    for below in (6, 20):
        samples = (sound + 0.1 * 10 ** (-below / 20) * noise * far).astype(np.float32)
        path[below] = extract(Waveform(samples), extractor(labels)).logits.argmax(1)
    assert path[6].tolist() == labels
    wanted = np.array(labels)
    wanted[100:140] = 0  # what is near the speaker's own words stays
    assert path[20].tolist() == wanted.tolist()


def test_a_recording_is_brought_to_the_actors_level() -> None:
    noise = np.random.default_rng(0).standard_normal(40 * HOP_SIZE).astype(np.float32)
    quiet, loud = (mel_of(Waveform(gain * noise), extractor([])) for gain in (0.001, 0.2))
    np.testing.assert_allclose(quiet, loud, atol=0.01)
    assert quiet.shape == (40, 80)
    assert speech_level(0.001 * noise) < -50


def test_motion_follows_silence_where_nobody_speaks() -> None:
    sound, ear = recording(30), extractor([0] * 10 + [7] * 10 + [0] * 10)
    heard, followed = mel_of(sound, ear), speech_mel(sound, ear, extract(sound, ear))
    spoken = slice(10 - PHONEMES.edge_frames, 20 + PHONEMES.edge_frames)
    np.testing.assert_array_equal(followed[spoken], heard[spoken])
    assert (followed[: spoken.start] == np.float32(LOG_FLOOR)).all()
    assert (followed[spoken.stop :] == np.float32(LOG_FLOOR)).all()


def test_letters_stay_as_they_are_heard_and_speech_goes_on_between_them() -> None:
    edge = CHARACTERS.edge_frames
    heard = [0] * (2 * edge) + [CHARACTERS.index("H"), *[0] * edge, CHARACTERS.index("I")] + [0] * (2 * edge)
    sound, ear = recording(len(heard)), extractor(heard, CHARACTERS)
    tokens = extract(sound, ear)
    np.testing.assert_array_equal(tokens.logits, ear.logits(sound.samples))
    assert tokens.label_set == "wav2vec2-characters"
    assert [one.label for one in tokens.phonemes] == [BLANK, "H", BLANK, "I", BLANK]
    silent = (speech_mel(sound, ear, tokens) == np.float32(LOG_FLOOR)).all(1)
    assert silent.tolist() == [True] * edge + [False] * (3 * edge + 2) + [True] * edge


def test_a_recording_shorter_than_the_edges_of_speech_is_all_speech() -> None:
    sound, ear = recording(20), extractor([0] * 10 + [CHARACTERS.index("A")] + [0] * 9, CHARACTERS)
    assert speech_mel(sound, ear, extract(sound, ear)).shape == (20, 80)


def test_logits_of_the_wrong_length_are_refused() -> None:
    with pytest.raises(StageError, match=r"tokenize failed: logits has shape \[2, 88\], expected \[3, 88\]"):
        extract(recording(3), extractor([0, 0]))


def test_sound_follows_the_recording_and_motion_differs_by_seed() -> None:
    dit = DiTConfig(num_blocks=1, width=8, hidden=8, num_heads=2, window=Window(4, 2))
    tracks = {"mel": 80, "face": 3, "head_latent": 8}
    conditions = {"tokens": Condition(len(LABELS), flag=False)}
    flow = AVFlow(AVFlowConfig(conditions, tracks, audio=dit, visual=dit)).eval()
    vae = SimpleNamespace(
        decode=lambda latent, cues: np.ones((len(latent), 7), np.float32), carried=lambda head: None
    )
    sound, ear = recording(20), extractor([7] * 20)
    tokens, mel = extract(sound, ear), mel_of(sound, ear)
    settings = {
        **{"emotion": NEUTRAL, "steps": 4, "temperature": 1.0, "guidance_scale": 1.0},
        "advance": lambda done, total: None,
    }
    one, other = (
        sample(tokens, flow, vae, seed=seed, recording=sound, extractor=ear, **settings) for seed in (1, 2)
    )
    np.testing.assert_allclose(one["mel"], mel, atol=1e-3)
    np.testing.assert_allclose(other["mel"], mel, atol=1e-3)
    assert np.abs(one["face"] - other["face"]).max() > 0.1
    heard = sample(
        tokens, flow, vae, seed=1, recording=sound, extractor=ear, **{**settings, "emotion": "auto"}
    )
    np.testing.assert_array_equal(heard["face"], one["face"])  # this flow was trained without emotions
