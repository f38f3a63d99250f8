"""Learn to hear emotions from our own emotional voice, and say how well that goes.

    avgen render sentences.txt --export wav -o work/neutral      (and other sentences, for --held)
    python -m scripts.train.train_emotion --speech work/neutral --held work/neutral_held \\
        --report scripts/evaluate/EMOTION_HEARD.md

Neutral sentences are spoken again by the actor's vocoder, in every emotion and by many speakers: pitch,
formants, liveliness, brightness and tempo are moved at random besides what the emotion does to them
(avgen/speech/prosody.py). A softmax of seven standardised measures (avgen/speech/measures.py) is fitted.
Whoever changes avgen/speech/affect.json raises the version of the stage that samples for recordings.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

import avgen
from avgen.emotion import EMOTIONS
from avgen.speech import affect
from avgen.speech.affect import FELT, Ear
from avgen.speech.audio import read_recording
from avgen.speech.measures import MEASURES, listen, measure
from avgen.speech.mel import mel_filters, mel_spectrogram
from avgen.speech.prosody import Prosody, tempo
from avgen.types import MEL_BINS, SAMPLE_RATE, FloatArray
from avgen.vocoders.base import Vocoder

CLASSES: Final = ("neutral", *FELT)
MEAN_PITCH: Final = 190.0
"""Hz of the actor's voice."""
PENALTY: Final = 0.01
"""Of the squares of the weights."""
STEPS, RATE = 4000, 0.5


class Speaker(NamedTuple):
    """What a speaker, a day and a microphone do to a voice."""

    pitch: float
    """Semitones."""
    melody: float
    """Octaves."""
    tilt: float
    """dB an octave."""
    formants: float
    """Factor of their frequencies."""
    tempo: float
    """Factor."""

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Speaker:
        """A random one: every other a man."""
        man = rng.random() < 0.5
        return cls(
            pitch=rng.normal(-9 if man else 0, 2),
            melody=rng.normal(0, 0.2),
            tilt=rng.normal(0, 0.7),
            formants=rng.normal(0.86 if man else 1.0, 0.04),
            tempo=float(np.exp(rng.normal(0, 0.1))),
        )


def warping(factor: float) -> FloatArray:
    """[80, 80] matrix that moves the formants of a mel from f to factor * f Hz."""
    hertz = np.linspace(0, SAMPLE_RATE / 2, mel_filters().shape[1])
    centres = mel_filters() @ hertz / mel_filters().sum(1)
    position = np.interp(centres / factor, centres, np.arange(MEL_BINS))
    low = np.minimum(position.astype(int), MEL_BINS - 2)
    weight = (position - low).astype(np.float32)
    matrix = np.zeros((MEL_BINS, MEL_BINS), np.float32)
    matrix[np.arange(MEL_BINS), low] = 1 - weight
    matrix[np.arange(MEL_BINS), low + 1] = weight
    return matrix


def speak(mel: FloatArray, speaker: Speaker, emotion: FloatArray, vocoder: Vocoder, seed: int) -> FloatArray:
    """Samples of a neutral mel [N, 80] in an emotion [E], by a speaker."""
    length = max(2, round(len(mel) / speaker.tempo / tempo(emotion.tolist())))
    places = np.linspace(0, len(mel) - 1, length)
    first = np.minimum(places.astype(int), len(mel) - 2)
    share = (places - first)[:, None].astype(np.float32)
    stretched = (1 - share) * mel[first] + share * mel[first + 1]
    prosody = Prosody.of(np.tile(emotion, (length, 1)), np.full(length, MEAN_PITCH, np.float32))
    prosody = prosody._replace(
        pitch=prosody.pitch + np.float32(speaker.pitch),
        melody=prosody.melody + np.float32(speaker.melody),
        tilt=prosody.tilt + np.float32(speaker.tilt),
    )
    return vocoder(np.ascontiguousarray(stretched @ warping(speaker.formants).T), seed, prosody)


def examples(
    folder: Path, vocoder: Vocoder, speakers: int, seed: int
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Measures [n, 7] of sentences in every emotion, each by speakers of its own, and their classes [n]."""
    rng = np.random.default_rng(seed)
    rows, classes = [], []
    for place, file in enumerate(sorted(folder.glob("*.wav"))):
        mel = mel_spectrogram(read_recording(file).samples)
        for number, emotion in [*enumerate(_pure())] * speakers:
            sound = speak(mel, Speaker.draw(rng), emotion, vocoder, seed + place)
            rows.append(measure(listen(sound)))
            classes.append(number)
    return np.array(rows), np.array(classes)


def _pure() -> Iterator[FloatArray]:
    """Neutral [E], then every emotion that is felt, at full weight."""
    for name in CLASSES:
        yield np.array([float(name == other) for other in EMOTIONS], np.float32)


def fit(measures: FloatArray, classes: NDArray[np.int64]) -> Ear:
    """Softmax, against neutral, of standardised measures."""
    neutral = measures[classes == 0]
    sizes = len(MEASURES), len(FELT)
    typical, spread = np.nanmean(neutral, 0), np.nanstd(neutral, 0) + 1e-3
    ear = Ear(typical, spread, np.zeros(sizes, np.float32), np.zeros(len(FELT), np.float32))
    standard, wanted = ear.standard(measures), np.eye(len(CLASSES))[classes][:, 1:]
    weights, bias = ear.weights.astype(np.float64), ear.bias.astype(np.float64)
    for _ in range(STEPS):
        odds = np.exp(standard @ weights + bias)
        error = (odds / (1 + odds.sum(1, keepdims=True)) - wanted) / len(measures)
        weights -= RATE * (standard.T @ error + PENALTY * weights)
        bias -= RATE * error.sum(0)
    return Ear(typical, spread, weights.astype(np.float32), bias.astype(np.float32))


def guesses(ear: Ear, measures: FloatArray) -> NDArray[np.int64]:
    """Likeliest classes [n] of measures [n, 7]."""
    chances = ear.chances(measures)
    guessed: NDArray[np.int64] = np.column_stack([1 - chances.sum(1), chances]).argmax(1)
    return guessed


def report(ear: Ear, measures: FloatArray, classes: NDArray[np.int64], trained: int) -> str:
    """How often each emotion [n] is taken for which."""
    guessed = guesses(ear, measures)
    lines = [
        f"Made by `python -m scripts.train.train_emotion`: fitted to {trained} sounds, tried on "
        f"{len(classes)} of other sentences and speakers.",
        "",
        f"Right: {np.mean(guessed == classes):.0%} (chance: {1 / len(CLASSES):.0%}).",
        "",
        f"| spoken | {' | '.join(f'heard as {name}' for name in CLASSES)} |",
        f"| --- {'| --- ' * len(CLASSES)}|",
    ]
    for place, name in enumerate(CLASSES):
        counts = np.bincount(guessed[classes == place], minlength=len(CLASSES))
        lines.append(f"| {name} | {' | '.join(map(str, counts))} |")
    return "\n".join([*lines, "", *_weights(ear), "", LIMITS])


def _weights(ear: Ear) -> Sequence[str]:
    """What speaks for an emotion, in standard deviations of neutral speech."""
    rows = zip(MEASURES, ear.weights, strict=True)
    return [
        f"| for each standard deviation of | {' | '.join(FELT)} |",
        f"| --- {'| --- ' * len(FELT)}|",
        *(f"| {name} | {' | '.join(f'{value:+.1f}' for value in row)} |" for name, row in rows),
    ]


LIMITS: Final = """\
What it was fitted to is a rule: pitch, melody, loudness, brightness and tempo of a synthetic voice, moved
as listeners say that emotions move them, on top of speakers drawn at random. It has heard no human being's
emotion. It can tell lively, high and bright speech from flat, low and dark speech; it cannot surely tell
happy from angry or surprised, whose rules differ little, nor a lively person in a neutral mood from a calm
one who is happy. Level itself says nothing, since recordings are turned up and down.
"""


def main() -> None:
    """Fit, write the weights and the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--speech", type=Path, required=True, help="folder of neutral .wav files")
    parser.add_argument("--held", type=Path, required=True, help="another, of other sentences")
    parser.add_argument("--speakers", type=int, default=2, help="of every sentence in every emotion")
    parser.add_argument("--out", type=Path, default=Path(affect.__file__).with_name("affect.json"))
    parser.add_argument("--report", type=Path, help="markdown file")
    args = parser.parse_args()
    vocoder = avgen.load_actor(args.actor).models["vocoder"]
    measures, classes = examples(args.speech, vocoder, args.speakers, 0)
    ear = fit(measures, classes)
    values = {name: np.round(value, 4).tolist() for name, value in asdict(ear).items()}
    args.out.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    text = report(ear, *examples(args.held, vocoder, 1, 1), trained=len(classes))
    print(text)
    if args.report:
        args.report.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
