"""Minutes of dialogue of two actors: what they cost, what memory they take, and whether anything drifts.

    python -m scripts.bench.bm_dialogue --minutes 10 --folder dialogue --out scripts/bench/DIALOGUE.md

Turns of one to four held-out sentences, with nods; one worker. The work is the CPU time of all processes, so
that it does not depend on what else the machine does. Level and head are taken minute by minute from what
both people's videos were made of. A dialogue of a minute is made first, to compare the memory.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from avgen.metrics.turns import turn_taking
from avgen.takes.cache import Cache, default_root
from avgen.takes.folder import recall
from avgen.takes.receipts import read_receipt
from scripts.evaluate.long import drift, minutes_rows

PEOPLE: Final = ("mira", "ken")
LONGEST_TURN: Final = 4
"""Sentences."""
SENTENCE_SECONDS: Final = 3.3
"""With the silence after it."""


class Made(NamedTuple):
    """A dialogue that was rendered."""

    work: float
    """CPU seconds of all processes."""
    peak: float
    """Memory of the largest process, MB."""
    elapsed: float
    """Seconds."""


def write(sentences: Sequence[str], minutes: float, seed: int) -> str:
    """A dialogue of about so many minutes."""
    chance = np.random.default_rng(seed)
    lines = [f"cast: {name.upper()} = {name}" for name in PEOPLE] + [""]
    left, person = round(60 * minutes / SENTENCE_SECONDS), 0
    while left > 0:
        count = min(int(chance.integers(1, LONGEST_TURN + 1)), left)
        said = " ".join(sentences[i] for i in chance.choice(len(sentences), count, replace=False))
        lines.append(f"{PEOPLE[person].upper()}: {'[nods] ' if chance.random() < 0.2 else ''}{said}")
        left, person = left - count, 1 - person
    return "\n".join(lines) + "\n"


def render(script: Path, folder: Path, size: int) -> Made:
    """Render a dialogue, side by side, with one worker."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-m", "avgen", "render", str(script), "-o", str(folder), "--workers", "1"]
    subprocess.run([*command, "--size", str(size), "--devices", "cpu"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Made(work, after.ru_maxrss / 1024, time.monotonic() - started)


def report(folder: Path, name: str, short: Made, made: Made) -> Iterator[tuple[str, str]]:
    """Rows of the table."""
    cache, words = Cache(default_root()), []
    scene = read_receipt(folder / f"{name}.mp4")
    assert scene is not None
    yield "length", f"{scene.duration / 60:.1f} minutes, {scene.frames} pictures, two people and their scene"
    yield (
        "work",
        f"{made.elapsed / scene.duration:.2f} s per second of dialogue on {os.cpu_count()} cores, "
        f"{made.work / scene.duration:.2f} CPU s ({made.elapsed:.0f} s elapsed)",
    )
    yield "largest process: a minute; the whole", f"{short.peak:.0f} MB; {made.peak:.0f} MB"
    for person in PEOPLE:
        receipt = read_receipt(folder / f"{name}.{person}.mp4")
        assert receipt is not None
        known = recall(receipt.results, cache)
        words.append(known["tokens"].words)
        rows = minutes_rows(known["codes"], known["waveform"].samples)
        levels = [row["level"] for row in rows]
        yield (
            f"{person}: level, least and greatest minute, drift",
            f"{min(levels):.1f}, {max(levels):.1f}, {drift(rows, 'level'):+.2f} dB",
        )
        turns = ", ".join(f"{axis} {drift(rows, axis):+.2f}" for axis in ("pitch", "yaw", "roll"))
        yield f"{person}: head, drift of the minutes' means", f"{turns} degrees"
        yield (
            f"{person}: head place, farthest minute from the mean",
            f"{max(r['place'] for r in rows):.1f} mm",
        )
        lively = [row["face_spread"] for row in rows]
        yield (
            f"{person}: face codes, spread, least and greatest minute",
            f"{min(lively):.2f}, {max(lively):.2f}",
        )
    found = turn_taking(words)
    yield (
        "gap between turns, median; turns that overlap",
        (f"{found['turn_gap']:.2f} s; {100 * found['turns_overlapping']:.0f}%"),
    )


def main() -> None:
    """Render, measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True, help="where the videos go")
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()
    args.folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, minutes in (("short", 1.0), ("long", args.minutes)):
        script = args.folder / f"{name}.txt"
        script.write_text(write(sentences, minutes, args.seed), encoding="utf-8")
        made.append(render(script, args.folder, args.size))
    command = f"python -m scripts.bench.bm_dialogue --minutes {args.minutes:g} --size {args.size}"
    lines = [f"Made by `{command}` on {platform.machine()}, Python {platform.python_version()}.", ""]
    lines += ["| measure | value |", "| --- | --- |"]
    lines += [f"| {a} | {b} |" for a, b in report(args.folder, "long", *made)]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
