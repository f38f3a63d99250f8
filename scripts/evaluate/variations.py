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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

import avgen
from avgen.avatars.mesh.codec import FaceCodec
from avgen.metrics.distribution import diversity
from avgen.metrics.motion import facial_motion
from avgen.metrics.timing import on_clock
from avgen.metrics.words import word_error_rate
from avgen.performer import Performer, Take
from avgen.pose import head_angles
from avgen.speech import recognition
from avgen.tracks import Codes
from avgen.types import FloatArray

PARTS: Final = {
    "face codes": "face",
    "mouth, jaw, cheeks and brows": "motion",
    "head angles, degrees": "head",
    "log mel": "mel",
}


def speak(performer: Performer, number: int, text: str, *, seed: int, **settings: Any) -> Take:
    """Make a take; no two sentences or seeds share their noise."""
    return performer.speak(text, seed=1000 * seed + number, **settings)


def spreads(takes: Sequence[Take], codec: FaceCodec) -> dict[str, tuple[float, float]]:
    """Standard deviations of one sentence's takes: across them, on the first one's clock, and over time."""
    first = takes[0]
    curves: dict[str, Callable[[Codes], FloatArray]] = {
        "face": lambda codes: codes["face"],
        "motion": lambda codes: facial_motion(codec, codes["face"]),
        "head": lambda codes: head_angles(codes["head"]),
        "mel": lambda codes: codes["mel"],
    }
    found = {}
    for name, curve in curves.items():
        moved = [
            on_clock(curve(take.codes), take.tokens.words, first.tokens.words, len(first.codes))
            for take in takes
        ]
        found[name] = diversity(np.stack(moved)), float(np.mean([diversity(take) for take in moved]))
    return found


def table(
    args: argparse.Namespace, performer: Performer, sentences: Sequence[str], temperature: float
) -> list[str]:
    """Lines of one temperature's table."""
    texts, heard = [], {seed: list[str]() for seed in range(args.seeds)}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PARTS.values()}
    lengths = []
    for number, text in enumerate(sentences):
        takes = [
            speak(performer, number, text, seed=seed, steps=args.steps, temperature=temperature)
            for seed in heard
        ]
        texts.append(text)
        for name, pair in spreads(takes, performer.models["avatar"].codec).items():
            found[name].append(pair)
        seconds = np.array([take.codes.duration for take in takes])
        lengths.append(float(seconds.std() / seconds.mean()))
        for seed, take in enumerate(takes):
            heard[seed].append(recognition.transcribe(recognition.to_recogniser_rate(take.waveform.samples)))
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
    performer = avgen.load_actor(args.actor)
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()[: args.limit]
    command = f"python -m scripts.evaluate.variations --seeds {args.seeds} --limit {args.limit}"
    lines = [f"Made by `{command}` on {platform.machine()}, Python {platform.python_version()}."]
    for temperature in args.temperature:
        lines += ["", f"Temperature {temperature:g}:", "", *table(args, performer, sentences, temperature)]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
