"""Takes of the same sentences with different seeds: how much they differ, and whether all are understood.

    python -m scripts.evaluate.variations --seeds 8 --limit 20 --out scripts/evaluate/VARIATIONS.md

Each sentence is spoken with every seed (tokens, flow and vocoder; no picture). Takes are brought to the clock
of the first one by their words; a spread across takes is compared with the spread over time. --temperature
adds tables.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.emotion import NEUTRAL, Emotion
from avgen.metrics import recognition
from avgen.metrics.distribution import diversity
from avgen.metrics.motion import facial_motion
from avgen.metrics.timing import on_clock
from avgen.metrics.words import word_error_rate
from avgen.pose import head_angles
from avgen.stages.sample import emotion_track, sample
from avgen.stages.tokenize import tokenize
from avgen.stages.vocode import vocode
from avgen.text import read_script
from avgen.types import CODE_RATE, Codes, FloatArray, Tokens

PARTS: Final = {
    "face codes": "face",
    "mouth, jaw, cheeks and brows": "motion",
    "head angles, degrees": "head",
    "log mel": "mel",
}


@dataclass(frozen=True, slots=True)
class Take:
    """One sentence with one seed."""

    tokens: Tokens
    codes: Codes
    samples: FloatArray


def speak(
    models: Models,
    number: int,
    text: str,
    *,
    seed: int,
    steps: int,
    temperature: float = 1.0,
    emotion: str = NEUTRAL,
) -> Take:
    """Make a take; no two sentences or seeds share their noise."""
    own, weights = 1000 * seed + number, Emotion.parse(emotion)
    tokens = tokenize(
        *(read_script(text), models["text_to_tokens"]),
        **{"seed": own, "emotion": weights, "speaking_rate": 1.0, "sentence_silence": 0.35},
    )
    codes = sample(
        *(tokens, models["flow"], models["head_vae"]),
        seed=own,
        emotion=weights,
        steps=steps,
        temperature=temperature,
        guidance_scale=1.0,
    )
    sound = vocode(
        *(codes, models["vocoder"]),
        seed=own,
        mean_pitch=models.actor.mean_pitch,
        emotion=emotion_track(tokens, weights),
    )
    return Take(tokens, codes, sound.samples)


def spreads(takes: Sequence[Take], models: Models) -> dict[str, tuple[float, float]]:
    """Standard deviations of one sentence's takes: across them, on the first one's clock, and over time."""
    codec, first = models["avatar"].codec, takes[0]
    curves = {
        "face": lambda codes: codes.face,
        "motion": lambda codes: facial_motion(codec, codes.face),
        "head": lambda codes: head_angles(codes.head),
        "mel": lambda codes: codes.mel,
    }
    found = {}
    for name, curve in curves.items():
        moved = [
            on_clock(curve(take.codes), take.tokens.words, first.tokens.words, len(first.codes.mel))
            for take in takes
        ]
        found[name] = diversity(np.stack(moved)), float(np.mean([diversity(take) for take in moved]))
    return found


def table(
    args: argparse.Namespace, models: Models, sentences: Sequence[str], temperature: float
) -> list[str]:
    """Lines of one temperature's table."""
    texts, heard = [], {seed: list[str]() for seed in range(args.seeds)}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PARTS.values()}
    lengths = []
    for number, text in enumerate(sentences):
        takes = [
            speak(models, number, text, seed=seed, steps=args.steps, temperature=temperature)
            for seed in heard
        ]
        texts.append(text)
        for name, pair in spreads(takes, models).items():
            found[name].append(pair)
        seconds = np.array([len(take.codes.mel) / CODE_RATE for take in takes])
        lengths.append(float(seconds.std() / seconds.mean()))
        for seed, take in enumerate(takes):
            heard[seed].append(recognition.transcribe(recognition.to_recogniser_rate(take.samples)))
    rates = [word_error_rate(texts, said) for said in heard.values()]
    lines = ["| spread | across takes | over time | ratio |", "| --- | --- | --- | --- |"]
    for label, name in PARTS.items():
        across, over = np.mean(found[name], axis=0)
        lines.append(f"| {label} | {across:.3f} | {over:.3f} | {across / over:.2f} |")
    lines.append(f"| length of a sentence | {np.mean(lengths):.1%} | | |")
    each = ", ".join(f"{rate:.1%}" for rate in rates)
    lines += ["", f"Words wrong (whisper tiny.en), seed by seed: {each}; all: {np.mean(rates):.1%}."]
    return lines


def main() -> None:
    """Measure every temperature, print and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--limit", type=int, default=20, help="first sentences only")
    parser.add_argument("--seeds", type=int, default=8, help="takes of each")
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--temperature", type=json.loads, nargs="+", default=[1.0])
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    models = Models(find_actor(args.actor))
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()[: args.limit]
    command = f"python -m scripts.evaluate.variations --seeds {args.seeds} --limit {args.limit}"
    lines = [f"Made by `{command}` on {platform.machine()}, Python {platform.python_version()}."]
    for temperature in args.temperature:
        lines += ["", f"Temperature {temperature:g}:", "", *table(args, models, sentences, temperature)]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
