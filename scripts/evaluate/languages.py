"""Recordings in other languages: are p, b and m, on which lips have to close, heard as such?

    python -m scripts.evaluate.languages --kokoro kokoro --out scripts/evaluate/LANGUAGES.md

Voices of Kokoro, which no corpus holds, speak the sentences of languages.yaml as espeak-ng reads them; where
Kokoro has no voice espeak-ng speaks itself. Its reading also says which p, b and m there are.
"""

from __future__ import annotations

import argparse
import platform
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
import yaml
from numpy.typing import NDArray

import avgen
from avgen.metrics.lips import BILABIALS
from avgen.metrics.words import edit_distance
from avgen.types import SAMPLE_RATE, FloatArray
from scripts.evaluate.hearing import SHORTEST
from scripts.evaluate.people import at_rate
from scripts.evaluate.recordings import hear
from scripts.voices.teachers import TEACHER_RATE, KokoroTeacher

SENTENCES: Final = Path(__file__).with_name("languages.yaml")
WANTED: Final = "Wanted: at most 10% errors, 25% in Polish."


def read_aloud(sentence: str, voice: str) -> str:
    """IPA of a sentence as espeak-ng reads it, its clauses in one line."""
    command = ["espeak-ng", "-q", "--ipa", "-v", voice, "--", sentence]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return re.sub(r"\([a-z-]+\)", "", " ".join(done.stdout.split()))


def espeak_sound(sentence: str, voice: str) -> FloatArray:
    """[S] of a sentence in espeak-ng's own voice."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-w", str(path), "--", sentence], check=True)
        samples, rate = soundfile.read(path, dtype="float32")
    return at_rate(samples, rate, SAMPLE_RATE)


def spoken(language: Mapping[str, Any], kokoro: Path) -> Iterator[tuple[str, FloatArray]]:
    """Yield what is said in a language, in IPA, and its sound [S]."""
    teachers = [KokoroTeacher(kokoro, {voice: 1.0}) for voice in language["speaks"]]
    for sentence in language["sentences"]:
        ipa = read_aloud(sentence, language["reads"])
        for teacher in teachers:
            yield ipa, at_rate(teacher.sound(ipa, 1.0), TEACHER_RATE, SAMPLE_RATE)
        if not teachers:
            yield ipa, espeak_sound(sentence, language["reads"])


def bilabials(heard: NDArray[np.str_]) -> list[str]:
    """The p, b and m among sounds [N], in order; those of a moment only are left out."""
    runs = ((name, len(list(frames))) for name, frames in groupby(heard.tolist()))
    return [name for name, size in runs if name in BILABIALS and size >= SHORTEST]


def errors(pairs: Sequence[tuple[list[str], list[str]]]) -> float:
    """Edits that make what is heard of what is said, over what is said."""
    return sum(edit_distance(said, heard) for said, heard in pairs) / sum(len(said) for said, _ in pairs)


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--kokoro", type=Path, required=True, help="folder that scripts.voices.teachers made")
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    performer = avgen.load_actor(args.actor)
    lines = [
        "Made by `python -m scripts.evaluate.languages` on "
        f"{platform.machine()}, Python {platform.python_version()}.",
        "",
        "| language | spoken by | p, b, m said | edit errors | edit errors, whichever of the three |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, language in yaml.safe_load(SENTENCES.read_text(encoding="utf-8")).items():
        pairs = [
            ([sign for sign in ipa if sign in BILABIALS], bilabials(hear(performer, samples)))
            for ipa, samples in spoken(language, args.kokoro)
        ]
        closures = [(["p"] * len(said), ["p"] * len(heard)) for said, heard in pairs]
        who = ", ".join(language["speaks"]) or "espeak-ng"
        count = sum(len(said) for said, _ in pairs)
        lines.append(f"| {name} | {who} | {count} | {errors(pairs):.0%} | {errors(closures):.0%} |")
        print(lines[-1], flush=True)
    lines += ["", WANTED]
    if args.out:
        args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
