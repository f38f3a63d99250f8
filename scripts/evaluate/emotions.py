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

from avgen.avatars.actor import find_actor
from avgen.components import Models
from avgen.emotion import parse_emotion
from avgen.metrics import hearing
from avgen.metrics.words import word_error_rate
from avgen.stages.sample import emotion_track, sample
from avgen.stages.tokenize import tokenize
from avgen.stages.vocode import vocode
from avgen.text import read_script
from avgen.types import SAMPLE_RATE, FloatArray

STYLES: Final = ("neutral", "happy", "sad", "angry", "surprised", "energy:1", "energy:-1")
PITCHES: Final = {"fmin": 70.0, "fmax": 450.0}
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


def speak(models: Models, number: int, text: str, emotion: tuple[float, ...], steps: int) -> FloatArray:
    """The sound of one sentence, from its first word to its last."""
    tokens = tokenize(
        *(read_script(text), models["text_to_tokens"]),
        **{"seed": number, "emotion": emotion, "speaking_rate": 1.0, "sentence_silence": 0.35},
    )
    codes = sample(
        *(tokens, models["flow"], models["head_vae"]),
        **{"seed": number, "emotion": emotion, "steps": steps, "temperature": 1.0, "guidance_scale": 1.0},
    )
    felt = emotion_track(tokens, emotion)
    samples = vocode(codes, models["vocoder"], seed=number, emotion=felt).samples
    return samples[round(tokens.words[0].start * SAMPLE_RATE) : round(tokens.words[-1].end * SAMPLE_RATE)]


def voice(sounds: Sequence[FloatArray]) -> Voice:
    """Measure the sounds of all sentences together."""
    f0 = np.concatenate([librosa.pyin(x, sr=SAMPLE_RATE, frame_length=1024, **PITCHES)[0] for x in sounds])
    octaves = np.log2(f0[np.isfinite(f0)])
    sound = np.concatenate(sounds)
    power = np.abs(np.fft.rfft(sound)) ** 2
    bright = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE) > BRIGHT_HZ
    return Voice(
        *(float(2 ** np.median(octaves)), float(12 * octaves.std())),
        *(
            10 * float(np.log10(np.mean(sound**2))),
            10 * float(np.log10(power[bright].sum() / power[~bright].sum())),
        ),
        len(sound) / SAMPLE_RATE,
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
    models = Models(find_actor(args.actor))
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
            speak(models, number, text, parse_emotion(style), args.steps)
            for number, text in enumerate(sentences)
        ]
        found = voice(sounds)
        plain = plain or found
        heard = [hearing.to_listening_rate(sound) for sound in sounds]
        wrong = word_error_rate(sentences, [hearing.transcribe(sound) for sound in heard])
        quality = np.mean([hearing.dnsmos(sound)[1] for sound in heard])
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
