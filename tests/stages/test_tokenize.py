"""Script to tokens: times cover the clip, pauses are where they were asked for."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from avgen.emotion import EMOTIONS, NEUTRAL, Emotion
from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig
from avgen.stages.dub import SpokenCue, dub
from avgen.stages.sample import emotion_track, voice_track
from avgen.stages.tokenize import LEAD_SECONDS, TAIL_SECONDS, tokenize
from avgen.text import read_script
from avgen.text.labels import CHARACTERS, LABELS
from avgen.types import CODE_RATE, Tokens

FRAME = 1 / CODE_RATE


def tokens(model: TextToTokens, text: str, **options: Any) -> Tokens:
    values = {"seed": 1, "emotion": NEUTRAL, "speaking_rate": 1.0, "sentence_silence": 0.4}
    values |= {"voice": (1.0,), "voice_names": ("ada",)}
    return tokenize(read_script(text), model, **{**values, **options})


def test_phonemes_cover_the_clip_without_gaps(model: TextToTokens) -> None:
    result = tokens(model, "Hello there. We have 25 apples!\n\nGoodbye.")
    assert result.phonemes[0].start == 0.0
    for before, after in zip(result.phonemes[:-1], result.phonemes[1:], strict=True):
        assert after.start == pytest.approx(before.end, abs=1e-6)
    assert result.phonemes[-1].end == pytest.approx(len(result.logits) * FRAME)


def test_logits_name_the_phoneme_of_every_frame(model: TextToTokens) -> None:
    result = tokens(model, "A cat sat, quietly.")
    for phoneme in result.phonemes:
        middle = int((phoneme.start + phoneme.end) / 2 * CODE_RATE)
        assert LABELS[result.logits[middle].argmax()] == phoneme.label


def test_words_keep_their_spelling_and_order(model: TextToTokens) -> None:
    result = tokens(model, "Hello there. We have 25 apples!")
    assert [word.label for word in result.words] == ["Hello", "there.", "We", "have", "25", "apples!"]
    assert all(a.end <= b.start + 1e-6 for a, b in zip(result.words[:-1], result.words[1:], strict=True))


def test_sentences_and_paragraphs_are_apart_as_asked(model: TextToTokens) -> None:
    result = tokens(model, "One. Two.\n\nThree.", sentence_silence=0.5)
    one, two, three = result.words
    assert two.start - one.end == pytest.approx(0.5, abs=FRAME)
    assert three.start - two.end == pytest.approx(1.0, abs=FRAME)
    assert one.start == pytest.approx(LEAD_SECONDS, abs=FRAME)
    assert result.phonemes[-1].end - three.end == pytest.approx(TAIL_SECONDS, abs=FRAME)


def test_a_written_pause_lasts_as_long_as_it_says(model: TextToTokens) -> None:
    result = tokens(model, "Wait. [pause 1.5] Now.")
    assert result.words[1].start - result.words[0].end == pytest.approx(1.5, abs=2 * FRAME)


def test_speaking_rate_scales_speech_and_silence(model: TextToTokens) -> None:
    text = "The quick brown fox jumps over the lazy dog. It sleeps."
    slow, fast = (len(tokens(model, text, speaking_rate=rate).logits) for rate in (1.0, 1.25))
    assert slow / fast == pytest.approx(1.25, rel=0.03)


def test_sad_sentences_are_slow_and_happy_ones_fast(model: TextToTokens) -> None:
    def seconds(text: str, emotion: Emotion = NEUTRAL) -> list[float]:
        return [word.end - word.start for word in tokens(model, text, emotion=emotion).words]

    text = "Wonderful. Wonderful."
    plain, sad = seconds(text), seconds(text, Emotion(sad=1.0))
    assert [s / p for s, p in zip(sad, plain, strict=True)] == pytest.approx([1.15, 1.15], rel=0.06)
    marked = seconds("Wonderful. [emotion happy] Wonderful.")
    assert marked[0] == pytest.approx(plain[0], abs=FRAME) and marked[1] < plain[1]


def test_seeds_differ_in_rhythm_and_repeat_themselves(model: TextToTokens) -> None:
    text = "The quick brown fox jumps over the lazy dog."
    words = [tokens(model, text, seed=seed).words for seed in (1, 1, 2)]
    assert words[0] == words[1] != words[2]


def test_a_new_emotion_sets_in_amid_the_silence_before_its_sentence(model: TextToTokens) -> None:
    text = "[emotion sad] One. Two. [emotion happy:0.5] Three."
    result = tokens(model, text, sentence_silence=0.5)
    sad, happy = result.emotions
    assert (sad.start, sad.emotion) == (0.0, (0.0, 1.0, 0.0, 0.0, 0.0))
    assert happy.emotion == (0.5, 0.0, 0.0, 0.0, 0.0)
    _, two, three = result.words
    assert happy.start == pytest.approx((two.end + three.start) / 2, abs=FRAME)
    track = emotion_track(result, Emotion(angry=1.0))
    assert track.shape == (len(result.logits), len(EMOTIONS))
    change = round(happy.start * CODE_RATE)
    assert (track[:change] == sad.emotion).all() and (track[change:] == happy.emotion).all()


def test_without_marks_the_clips_own_emotion_holds(model: TextToTokens) -> None:
    result = tokens(model, "One. [emotion happy] Two.")
    track = emotion_track(result, Emotion(angry=1.0))
    assert track[0].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0] and track[-1].tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert not tokens(model, "One. Two.").emotions


def test_a_new_voice_sets_in_as_an_emotion_does_and_has_its_own_rhythm() -> None:
    torch.manual_seed(0)
    config = TextToTokensConfig(num_labels=len(LABELS), width=16, num_blocks=0, num_voices=2)
    network = TextToTokens(config).eval()
    torch.nn.init.constant_(network.duration.bias, 2.0)
    torch.nn.init.normal_(network.voice.weight)
    names = ("ada", "ben")

    def said(text: str, *voice: float) -> Tokens:
        return tokens(network, text, voice=voice, voice_names=names)

    both = said("[voice ada] One. Two. [voice ben:3, ada] Three. [voice ben] Four. Five.", 1.0, 0.0)
    assert [change.shares for change in both.voices] == [(0.25, 0.75), (0.0, 1.0)]
    _, two, three, *_ = both.words
    assert both.voices[0].start == pytest.approx((two.end + three.start) / 2, abs=FRAME)
    track = voice_track(both, (1.0, 0.0))
    change = round(both.voices[0].start * CODE_RATE)
    assert (track[:change] == (1, 0)).all() and (track[change] == (0.25, 0.75)).all()
    assert (track[-1] == (0, 1)).all() and track.shape == (len(both.logits), 2)
    one, other = said("One. Two.", 1.0, 0.0), said("One. Two.", 0.0, 1.0)
    assert one.words != other.words and not one.voices
    assert said("One. [voice ben] Two.", 1.0, 0.0).words[0] == one.words[0]


def test_a_model_that_was_told_of_no_voices_speaks_alike_with_all(model: TextToTokens) -> None:
    names = ("ada", "ben")
    one, other = (tokens(model, "One. Two.", voice=v, voice_names=names) for v in ((1.0, 0.0), (0.0, 1.0)))
    assert one.words == other.words == tokens(model, "One. Two.").words


def test_in_subtitles_a_voice_goes_on_speaking(model: TextToTokens) -> None:
    cues = [
        SpokenCue(float(start), read_script(text), "a.srt")
        for start, text in enumerate(["One.", "[voice ben] Two.", "Three."])
    ]
    dubbed = dub(
        *(cues, model),
        **{"seed": 0, "emotion": NEUTRAL, "voice": (1.0, 0.0), "voice_names": ("ada", "ben")},
        speaking_rate=1.0,
    )
    (change,) = dubbed.voices
    assert change.shares == (0.0, 1.0) and 0.0 < change.start < dubbed.words[1].start


def test_tokens_are_of_the_models_label_set_and_times_still_of_its_phonemes() -> None:
    torch.manual_seed(0)
    config = TextToTokensConfig(
        num_labels=len(LABELS),
        **{"width": 16, "num_blocks": 1, "decoder": "flow"},
        **{"label_set": CHARACTERS.name, "num_outputs": len(CHARACTERS.labels)},
    )
    letters = TextToTokens(config).eval()
    torch.nn.init.constant_(letters.duration.bias, 2.0)
    result = tokens(letters, "Wait. [pause 1.5] Now.")
    assert result.label_set == CHARACTERS.name
    assert result.logits.shape[1] == len(CHARACTERS.labels)
    assert [word.label for word in result.words] == ["Wait.", "Now."]
    assert result.phonemes[-1].end == pytest.approx(len(result.logits) * FRAME)
    assert result.phonemes[1].label == "w"
