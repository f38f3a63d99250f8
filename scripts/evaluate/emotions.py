"""How emotions sound: pitch, melody, level, brightness and tempo of the same sentences, and what they cost.

    python -m scripts.evaluate.emotions --limit 15 --out scripts/evaluate/EMOTIONS.md

Each sentence is spoken in every emotion with the same seed (tokens, flow and vocoder; no picture). Pitch is
read off the sound itself by pYIN (Mauch and Dixon 2014).
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import librosa
import numpy as np

import avgen
from avgen.metrics.words import word_error_rate
from avgen.performer import Take
from avgen.speech import recognition
from avgen.types import SAMPLE_RATE, FloatArray
from scripts.evaluate.variations import speak

STYLES: Final = ("neutral", "happy", "sad", "angry", "surprised", "energy:1", "energy:-1")
LOWEST, HIGHEST = 70.0, 450.0
"""Hz that a voice is looked for between."""
BRIGHT_HZ: Final = 1000.0


class Voice(NamedTuple):
    """How a set of sentences sounds."""

    pitch: float
    """Hz, median."""
    melody: float
    """Semitones, standard deviation."""
    level: float
    """dB below full scale, of all of it."""
    brightness: float
    """dB of the energy above BRIGHT_HZ over that below it."""
    seconds: float
    """Of speech, without the silence around it."""


def sound(take: Take) -> FloatArray:
    """A take from its first word to its last."""
    words = take.tokens.words
    samples = take.waveform.samples
    return samples[round(words[0].start * SAMPLE_RATE) : round(words[-1].end * SAMPLE_RATE)]


def voice(sounds: Sequence[FloatArray]) -> Voice:
    """Measure the sounds of all sentences together."""
    f0 = np.concatenate(
        [librosa.pyin(x, fmin=LOWEST, fmax=HIGHEST, sr=SAMPLE_RATE, frame_length=1024)[0] for x in sounds]
    )
    octaves = np.log2(f0[np.isfinite(f0)])
    whole = np.concatenate(sounds)
    power = np.abs(np.fft.rfft(whole)) ** 2
    bright = np.fft.rfftfreq(len(whole), 1 / SAMPLE_RATE) > BRIGHT_HZ
    return Voice(
        pitch=float(2 ** np.median(octaves)),
        melody=float(12 * octaves.std()),
        level=float(10 * np.log10(np.mean(whole**2))),
        brightness=float(10 * np.log10(power[bright].sum() / power[~bright].sum())),
        seconds=len(whole) / SAMPLE_RATE,
    )


def main() -> None:
    """Measure every emotion, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--limit", type=int, default=15, help="first sentences only")
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    performer = avgen.load_actor(args.actor)
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()[: args.limit]
    lines = [
        "# Emotions in the voice",
        "",
        f"The first {len(sentences)} held-out sentences, in every emotion at full weight. Pitch is a median,",
        "melody a standard deviation in semitones, brightness the energy above 1 kHz over that below; level,",
        "brightness and tempo are relative to neutral. Made by",
        f"`python -m scripts.evaluate.emotions --limit {args.limit}` on",
        f"{platform.machine()}, Python {platform.python_version()}.",
        "",
        "| emotion | pitch, Hz | melody | level, dB | brightness, dB | tempo | words wrong | DNSMOS P.808 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    plain: Voice | None = None
    for style in STYLES:
        sounds = [
            sound(speak(performer, number, text, seed=0, steps=args.steps, emotion=style))
            for number, text in enumerate(sentences)
        ]
        found = voice(sounds)
        plain = plain or found
        heard = [recognition.to_recogniser_rate(samples) for samples in sounds]
        wrong = word_error_rate(sentences, [recognition.transcribe(samples) for samples in heard])
        quality = np.mean([recognition.dnsmos(samples)[1] for samples in heard])
        lines.append(
            f"| {style} | {found.pitch:.0f} | {found.melody:.1f} | {found.level - plain.level:+.1f} | "
            f"{found.brightness - plain.brightness:+.1f} | {plain.seconds / found.seconds:.2f} | "
            f"{wrong:.1%} | {quality:.2f} |"
        )
        print(lines[-1], flush=True)
    text = "\n".join(lines) + "\n"
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
