"""What a batch costs: 50 clips in one run and in runs of their own, 50 words, and manifests of 10,000 rows.

    python -m scripts.bench.bm_batch --out scripts/bench/BATCH.md

The clips are the shortest sentences of tests/data/eval_sentences.txt, spoken by Mira with the draft preset,
each run with an empty cache. Only some of the separate runs are made; their mean stands for all of them. Of
clips of a second, each a word, most of the time goes into what does not depend on their length. The
films of the 10,000 rows are copies of one of the clips, with receipts as a real run would have left them.
Seconds of work (CPU, of avgen and all that it starts) are what a busy machine can still tell; wall-clock time
is what they took beside everything else that ran.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from avgen import __version__
from avgen.inputs.clips import Text
from avgen.inputs.manifest import read_inputs
from avgen.jobs.planning import Request, plan
from avgen.stages.spec import ClipSpec, stage_keys
from avgen.stages.table import FINAL_STAGE
from avgen.takes.journal import read_journal
from avgen.takes.receipts import Receipt, read_receipt, write_receipt

SENTENCES = Path("tests/data/eval_sentences.txt")
PRESET = "draft"
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Measure:
    """One command, or several together.

    Attributes:
        wall: seconds from start to end.
        work: seconds of CPU time of the command and its children.
        peak: of memory of the largest process, in megabytes.
    """

    wall: float
    work: float
    peak: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s | {self.work:.1f} s | {self.peak:.0f} MB"


def avgen(arguments: list[str], folder: Path) -> Measure:
    """Run `avgen` with its output and cache in a folder."""
    environment = {**os.environ, "AVGEN_CACHE_DIR": str(folder / "cache")}
    start = time.perf_counter()
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "avgen", *arguments],
            stdout=said,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"avgen {' '.join(arguments)}:\n{(folder / 'said').read_text()[-2000:]}")
    wall = time.perf_counter() - start
    measure = Measure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
    print(f"avgen {' '.join(arguments)} | {measure}", file=sys.stderr)
    return measure


def shortest(count: int) -> list[str]:
    """The shortest sentences."""
    lines = [line.strip() for line in SENTENCES.read_text(encoding="utf-8").splitlines() if line.strip()]
    return sorted(lines, key=len)[:count]


def words(count: int) -> list[str]:
    """Words that differ, each of which takes about a second with the silence around it."""
    found = set(re.findall(r"\b[a-z]{4}\b", SENTENCES.read_text(encoding="utf-8")))
    return [f"{word.capitalize()}." for word in sorted(found)[:count]]


def write_manifest(path: Path, texts: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text"))
        writer.writerows((f"clip-{index:05d}", text) for index, text in enumerate(texts))
    return path


def measure_batch(folder: Path, texts: list[str]) -> tuple[Measure, list[float], float]:
    """All clips in one run; returns what each cost beside its stages, and the seconds of video."""
    folder.mkdir()
    manifest = write_manifest(folder / "batch.csv", texts)
    arguments = ["render", str(manifest), "--preset", PRESET, "--workers", str(WORKERS)]
    measure = avgen([*arguments, "-o", str(folder / "out")], folder)
    by_worker: dict[str, list[tuple[float, float]]] = {}
    duration = 0.0
    for event in read_journal(folder / "out"):
        if event["event"] == "made":
            spent = sum(event["seconds"].values())
            by_worker.setdefault(event["worker"], []).append((event["time"], spent))
            duration += event["duration"]
    beside = [
        end - before - spent for made in by_worker.values() for (before, _), (end, spent) in pairwise(made)
    ]
    return measure, beside, duration


def measure_separate(folder: Path, texts: list[str]) -> Measure:
    """The mean of runs that make one clip each."""
    found = []
    for index, text in enumerate(texts):
        place = folder / str(index)
        place.mkdir(parents=True)
        (place / "clip.txt").write_text(text, encoding="utf-8")
        arguments = ["render", str(place / "clip.txt"), "--preset", PRESET, "-o", str(place / "clip.mp4")]
        found.append(avgen(arguments, place))
    mean = statistics.fmean
    return Measure(
        mean(one.wall for one in found), mean(one.work for one in found), max(one.peak for one in found)
    )


def measure_manifest(folder: Path, rows: int, film: Path) -> tuple[Measure, Measure, int]:
    """Plan a manifest, then run it when everything is there; returns the bytes that this hashes too."""
    folder.mkdir()
    texts = [f"This is sentence number {index}, and it is like the others." for index in range(rows)]
    manifest = write_manifest(folder / "big.csv", texts)
    arguments = ["render", str(manifest), "--preset", PRESET, "-o", str(folder / "out")]
    planned = avgen([*arguments, "--dry-run"], folder)
    pattern = read_receipt(film)
    if pattern is None:
        raise SystemExit(f"{film} has no receipt")
    request = Request(read_inputs([str(manifest)]), preset=PRESET, output=folder / "out")
    (folder / "out").mkdir()
    for spec in plan(request):
        shutil.copyfile(film, spec.output)
        write_receipt(spec.output, receipt_like(pattern, spec))
    again = avgen([*arguments, "--json"], folder)
    counts = json.loads((folder / "said").read_text().partition("\n}")[0] + "\n}")["counts"]
    if counts != {"unchanged": rows}:
        raise SystemExit(f"not everything was known: {counts}")
    return planned, again, rows * film.stat().st_size


def receipt_like(pattern: Receipt, spec: ClipSpec) -> Receipt:
    """The receipt that a run would have left if the film of `pattern` were that of `spec`."""
    keys, source = stage_keys(spec), spec.clip.source
    assert isinstance(source, Text)
    return replace(
        pattern,
        key=keys[FINAL_STAGE],
        files={spec.output.name: pattern.sha256},
        clip=spec.clip.id,
        text=source.text,
        source_sha256=source.sha256,
        results={stage.result: keys[stage.name] for stage in spec.road},
    )


def main() -> None:
    """Measure everything and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--separate", type=int, default=8)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        texts = shortest(args.clips)
        measure_separate(Path(scratch) / "first", texts[:1])  # compiles the renderer's kernels
        batch, beside, duration = measure_batch(Path(scratch) / "batch", texts)
        short, _, spoken = measure_batch(Path(scratch) / "words", words(args.clips))
        step = max(1, args.clips // args.separate)
        one = measure_separate(Path(scratch) / "separate", texts[step // 2 :: step][: args.separate])
        film = Path(scratch) / "batch" / "out" / "clip-00000.mp4"
        planned, again, hashed = measure_manifest(Path(scratch) / "manifest", args.rows, film)
    scaled = Measure(one.wall * args.clips, one.work * args.clips, one.peak)
    beside.sort()
    most = beside[len(beside) * 9 // 10]
    lines = [
        f"Made by `python -m scripts.bench.bm_batch` on {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, avgen {__version__}, no GPU; load average "
        f"{os.getloadavg()[2]:.0f} over the last 15 minutes.",
        "",
        "| what | wall clock | CPU time | peak memory |",
        "| --- | --- | --- | --- |",
        f"| {args.clips} clips ({duration:.0f} s of video) in one run | {batch} |",
        f"| the same in runs of their own ({args.separate} were made, times {args.clips / args.separate:g}) "
        f"| {scaled} |",
        f"| {args.clips} clips of a word each ({spoken:.0f} s of video) in one run: "
        f"{short.wall / args.clips:.2f} s a clip | {short} |",
        f"| `--dry-run` of {args.rows:,} new rows | {planned} |",
        f"| a run of {args.rows:,} rows that are all done ({hashed / 1e9:.1f} GB hashed) | {again} |",
        "",
        f"One run is {scaled.wall / batch.wall:.1f} times as fast by the clock, "
        f"{scaled.work / batch.work:.1f} times by CPU time. Beside the stages, a clip takes its worker "
        f"{1000 * statistics.median(beside):.0f} ms from one outcome to the next (median of {len(beside)}; "
        f"nine of ten below {1000 * most:.0f} ms).",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
