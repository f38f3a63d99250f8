"""The long fault run: avgen is killed, starved, torn and crowded, and must come out with the same bytes.

    python -m scripts.faults --work work/faults --out scripts/FAULTS.md

A tiny actor (random weights, pictures of one colour) makes the clips, in forks of this process. Every round
ends with the same check: an undisturbed run of the same command exits with 0, its films are byte-identical to
those of a run that nothing happened to, and no temporary file is left. Rounds of all kinds alternate, and
what they found is kept in the work folder: a run that is stopped, or whose `--minutes` are over, goes on
there. Mounting a small disk needs root.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avgen.stages.table import ALWAYS
from avgen.takes.cache import Cache
from tests import faults, zygote
from tests.fakes import write_actor

CAMERAS = ("portrait", "close-up")
ROWS = "id,text\na,One.\nb,Two and three.\nc,Four.\n"
PATIENCE = 600.0
"""Seconds after which a run of a few tiny clips counts as hung."""


class Broken(Exception):
    """A promise that did not hold."""


def hold(promise: bool, otherwise: object) -> None:
    if not promise:
        raise Broken(str(otherwise))


class Bench:
    """A folder in which runs happen, and what undisturbed runs made of the same inputs."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.folder = work
        self._whole: dict[tuple[str, int], dict[str, bytes]] = {}

    def fresh(self, name: str) -> Path:
        """Begin a round in an empty folder."""
        self.folder = self.work / "rounds" / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        (self.folder / "script.txt").write_text("Hello there.")
        (self.folder / "batch.csv").write_text(ROWS)
        return self.folder

    def start(self, *arguments: str, fault: str = "", **places: Path) -> int:
        """Start avgen and return its process id; `cache` and `log` are places other than the folder."""
        log = places.get("log", self.folder)
        log.mkdir(exist_ok=True)
        environment = {
            faults.VARIABLE: fault,
            "AVGEN_CACHE_DIR": str(places.get("cache", self.folder / "cache")),
            "AVGEN_HOME": str(self.work / "home"),
        }
        child = os.fork()
        if not child:
            try:
                zygote.run(
                    {"arguments": arguments, "folder": self.folder, "log": log, "environment": environment}
                )
            finally:
                os._exit(99)
        return child

    def render(self, source: str, seed: int = 0, *options: str, fault: str = "", **places: Path) -> int:
        """Start `avgen render` with the tiny actor."""
        fixed = ("--actor", "tiny", "--size", "64", "--json", "--devices", "cpu", "--seed", str(seed))
        return self.start("render", source, *fixed, *options, fault=fault, **places)

    def end(self, child: int) -> int:
        """Wait for a process; negative for the signal that killed it."""
        limit = time.monotonic() + PATIENCE
        while True:
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > limit:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                raise Broken("hung")
            time.sleep(0.005)

    def run(self, source: str, seed: int = 0, *options: str, **more: Any) -> int:
        return self.end(self.render(source, seed, *options, **more))

    def clips(self, log: Path | None = None) -> dict[str, dict[str, Any]]:
        """What the last run said of each clip."""
        said = json.loads(((log or self.folder) / "stdout").read_text())
        return {clip["id"]: clip for clip in said["clips"]}

    def whole(self, source: str, seed: int) -> dict[str, bytes]:
        """Films of an undisturbed run, by name."""
        if (source, seed) not in self._whole:
            here = self.folder
            folder = self.fresh(f"whole-{source}-{seed}")
            code = self.run(source, seed, "--workers", "1")
            hold(code == 0, f"an undisturbed run ended with {code}: {(folder / 'stderr').read_text()}")
            self._whole[source, seed] = films(folder / "out")
            self.folder = here
        return self._whole[source, seed]

    def nothing_wrong(self, source: str, seed: int) -> None:
        """What can be seen now is right, if not complete."""
        whole = self.whole(source, seed)
        for name, data in films(self.folder / "out").items():
            hold(data == whole[name], f"a wrong {name} is visible")

    def finish(self, source: str, seed: int) -> dict[str, dict[str, Any]]:
        """Go on undisturbed, to the end."""
        code = self.run(source, seed)
        hold(code == 0, f"the next run ended with {code}: {(self.folder / 'stderr').read_text()[-500:]}")
        hold(films(self.folder / "out") == self.whole(source, seed), "other bytes than undisturbed")
        left = [path.name for path in (self.folder / "out").rglob("*.part")]
        hold(not left, f"left behind: {left}")
        return self.clips()


def films(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.mp4"))}


def children(process: int) -> Iterator[tuple[int, str]]:
    """Processes that a process started, with their programs' names."""
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            try:
                yield int(child), Path(f"/proc/{child}/comm").read_text().strip()
            except OSError:
                continue


def finished_before(stage: str, point: str) -> set[str]:
    """Stages whose results were kept when a driver was killed at a point."""
    after = faults.POINTS.index(point)
    if stage == "run":
        return set(ALWAYS) if after >= faults.POINTS.index("content") else set()
    done = set(ALWAYS[: ALWAYS.index(stage)])
    return done | ({stage} if after >= faults.POINTS.index("kept") else set())


def kill_driver(bench: Bench, number: int) -> None:
    """kill -9 of the driver at 6 stages x 6 points"""
    seed, place = divmod(number, 36)
    stage, point = faults.STAGES[place // 6], faults.POINTS[place % 6]
    bench.fresh("kill")
    code = bench.run("script.txt", seed, fault=f"{stage}:{point}:kill")
    hold(code == -9, f"{stage}:{point}: ended with {code}")
    bench.nothing_wrong("script.txt", seed)
    repeated = finished_before(stage, point) & set(bench.finish("script.txt", seed)["script"]["seconds"])
    hold(not repeated, f"{stage}:{point}: repeated {repeated}")


def kill_driver_anywhen(bench: Bench, number: int) -> None:
    """kill -9 of the driver at random times, up to three in a row"""
    chance = random.Random(number)
    bench.whole("script.txt", 0)
    bench.fresh("anywhen")
    started = time.monotonic()
    for _ in range(1 + number % 3):
        child = bench.render("script.txt")
        time.sleep(chance.uniform(0, 1.5) * bench_seconds(started))
        os.kill(child, signal.SIGKILL)
        bench.end(child)
        bench.nothing_wrong("script.txt", 0)
    bench.finish("script.txt", 0)


def bench_seconds(started: float) -> float:
    """A guess of how long a run takes on a machine as busy as it is."""
    return max(0.5, min(5.0, time.monotonic() - started))


def kill_driver_of_workers(bench: Bench, number: int) -> None:
    """kill -9 of the driver while two workers make three clips"""
    stage = ALWAYS[number % len(ALWAYS)]
    folder = bench.fresh("orphans")
    code = bench.run("batch.csv", 0, "--workers", "2", fault=f"{stage}:start:kill-driver:b")
    hold(code == -9, f"ended with {code}")
    limit = time.monotonic() + 60
    while orphans := processes_in(folder):
        hold(time.monotonic() < limit, f"workers outlived their driver: {orphans}")
        time.sleep(0.1)
    bench.nothing_wrong("batch.csv", 0)
    bench.finish("batch.csv", 0)


def processes_in(folder: Path) -> list[int]:
    """Processes whose working folder this is."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if place.readlink() == folder:
                found.append(int(place.parent.name))
        except OSError:
            continue
    return found


def kill_worker(bench: Bench, number: int) -> None:
    """kill -9 of one of two workers: only its clip is made again"""
    stage = ALWAYS[number % len(ALWAYS)]
    point = ("start", "made", "end")[number // len(ALWAYS) % 3] if stage != "mux" else "start"
    folder = bench.fresh("worker")
    once = folder / "once"
    code = bench.run("batch.csv", 0, "--workers", "2", fault=f"{stage}:{point}:kill:b:{once}")
    hold(code == 0, f"{stage}:{point}: ended with {code}")
    hold(once.exists(), f"{stage}:{point}: nothing was killed")
    attempts = {name: clip["attempts"] for name, clip in bench.clips().items()}
    hold(attempts == {"a": 1, "b": 2, "c": 1}, f"{stage}:{point}: attempts {attempts}")
    bench.finish("batch.csv", 0)


def kill_ffmpeg(bench: Bench, number: int) -> None:
    """kill -9 of ffmpeg: the clip is made again"""
    bench.fresh("ffmpeg")
    child = bench.render("script.txt", 1)
    limit = time.monotonic() + PATIENCE
    killed = None
    while killed is None and os.waitpid(child, os.WNOHANG)[0] == 0:
        hold(time.monotonic() < limit, "hung")
        killed = next((process for process, name in children(child) if name.startswith("ffmpeg")), None)
        if killed:
            os.kill(killed, signal.SIGKILL)
        time.sleep(0.002)
    hold(killed is not None, "ffmpeg was never seen")
    code = bench.end(child)
    hold(code == 0, f"ended with {code}")
    attempts = bench.clips()["script"]["attempts"]
    hold(attempts == 2, f"{attempts} attempts")
    bench.finish("script.txt", 1)


def damage_cache(bench: Bench, number: int) -> None:
    """4 damaged cache entries a round: found, rebuilt"""
    seed = number % 10
    folder = bench.fresh("cache")
    hold(bench.run("script.txt", seed) == 0, "could not prepare")
    cache = Cache(folder / "cache")
    contents = sorted(path for path in (folder / "cache" / "cas").glob("*/*") if path.is_file())
    before = {path: path.read_bytes() for path in contents}
    hold(len(contents) == 4, f"{len(contents)} entries")
    for index, path in enumerate(contents):
        damage(path, (number + index) % 5)
    (folder / "out" / "script.mp4").unlink()
    bench.finish("script.txt", seed)
    after = {path: path.read_bytes() for path in contents if path.exists()}
    hold(after == before, "an entry was not rebuilt")
    swept = cache.verify()
    hold((swept.kept, swept.removed) == (4, 0), f"{swept}")


def damage(path: Path, kind: int) -> None:
    """Make a file empty, half, one bit wrong, zero at its tail, or missing."""
    data = path.read_bytes()
    if kind == 4:
        path.unlink()
        return
    middle = len(data) // 2
    flipped = bytes([data[middle] ^ 1])
    path.write_bytes(
        (b"", data[:middle], data[:middle] + flipped + data[middle + 1 :], data[:-9] + bytes(9))[kind]
    )


def tear_receipt(bench: Bench, number: int) -> None:
    """a receipt is cut, or another's"""
    folder = bench.fresh("receipt")
    hold(bench.run("script.txt") == 0, "could not prepare")
    receipt = folder / "out" / ".avgen" / "script.mp4.json"
    good = receipt.read_bytes()
    whole = json.loads(good)
    torn = good[: number * len(good) // 50] if number % 5 else json.dumps({**whole, "key": "0" * 64}).encode()
    receipt.write_bytes(torn)
    clip = bench.finish("script.txt", 0)["script"]
    hold(clip["status"] == "rendered", f"a torn receipt counted: {clip['status']}")
    again = {**json.loads(receipt.read_bytes()), "replaced": ""}
    hold(again == whole, "the receipt is another one")


def fill_disk(bench: Bench, number: int) -> None:
    """the output's disk of a few KB is full: exit 74, goes on when there is room"""
    folder = bench.fresh("disk")
    bench.whole("script.txt", 0)
    with small_disk(folder / "out", f"{8 + 4 * number}k") as enlarge:
        code = bench.run("script.txt", cache=folder / "cache")
        hold(code in (0, 74), f"ended with {code}: {(folder / 'stderr').read_text()[-300:]}")
        bench.nothing_wrong("script.txt", 0)
        enlarge()
        bench.finish("script.txt", 0)


def fill_cache_disk(bench: Bench, number: int) -> None:
    """the cache's disk alone is full: the clip is made all the same"""
    folder = bench.fresh("cachedisk")
    whole = bench.whole("script.txt", 0)
    with small_disk(folder / "cache", f"{4 + 4 * number}k"):
        code = bench.run("script.txt")
        hold(code == 0 and films(folder / "out") == whole, f"ended with {code}")
        hold("not cached" in (folder / "stderr").read_text(), "nothing was said")


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Callable[[], None]]:
    """Mount a file system of this size; yields what makes it large."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)

    def enlarge() -> None:
        subprocess.run(["mount", "-o", "remount,size=9m", place], check=True)

    try:
        yield enlarge
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def no_space(bench: Bench, number: int) -> None:
    """ENOSPC at 5 stages x 6 points: exit 74, or on without the cache"""
    stage, point = ALWAYS[number // 6 % 5], faults.POINTS[number % 6]
    bench.fresh("space")
    code = bench.run("script.txt", 2, fault=f"{stage}:{point}:full")
    in_cache = stage != "mux" and point in ("part", "content", "kept")
    hold(code == (0 if in_cache else 74), f"{stage}:{point}: ended with {code}")
    bench.nothing_wrong("script.txt", 2)
    bench.finish("script.txt", 2)


def no_memory(bench: Bench, number: int) -> None:
    """memory runs out once: made at the second attempt"""
    stage = ALWAYS[number % 5]
    folder = bench.fresh("memory")
    code = bench.run("script.txt", 3, fault=f"{stage}:start:memory:script:{folder / 'once'}")
    hold(code == 0 and bench.clips()["script"]["attempts"] == 2, f"{stage}: ended with {code}")
    bench.finish("script.txt", 3)


def two_runs(bench: Bench, number: int) -> None:
    """two runs in one folder: the second is refused, or waits"""
    folder = bench.fresh("two")
    first = bench.render("script.txt", fault="sample:start:hang", log=folder / "first")
    limit = time.monotonic() + PATIENCE
    while not (folder / "out" / ".avgen" / "journal.jsonl").exists():
        hold(time.monotonic() < limit, "hung")
        time.sleep(0.02)
    code = bench.run("script.txt")
    hold(code == 75, f"the second run ended with {code}")
    os.kill(first, signal.SIGKILL)
    bench.end(first)
    both = [bench.render("script.txt", 0, "--wait", log=folder / name) for name in ("second", "third")]
    codes = [bench.end(child) for child in both]
    hold(codes == [0, 0], f"waiting runs ended with {codes}")
    states = sorted(bench.clips(folder / name)["script"]["status"] for name in ("second", "third"))
    hold(states == ["rendered", "unchanged"], f"waiting runs: {states}")
    bench.finish("script.txt", 0)


def four_runs(bench: Bench, number: int) -> None:
    """four runs at once on one cache"""
    folder = bench.fresh("four")
    whole = bench.whole("script.txt", number % 10)
    names = [f"run{index}" for index in range(4)]
    seed = number % 10
    runs = [bench.render("script.txt", seed, "-o", f"out-{name}", log=folder / name) for name in names]
    codes = [bench.end(child) for child in runs]
    hold(codes == [0] * 4, f"ended with {codes}")
    hold(all(films(folder / f"out-{name}") == whole for name in names), "other bytes")
    swept = Cache(folder / "cache").verify()
    hold((swept.kept, swept.removed) == (4, 0), f"{swept}")


def collect_meanwhile(bench: Bench, number: int) -> None:
    """`avgen cache gc --max-size 0` again and again during a run"""
    folder = bench.fresh("gc")
    whole = bench.whole("script.txt", 0)
    child = bench.render("script.txt", log=folder / "run")
    sweeps = 0
    limit = time.monotonic() + PATIENCE
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
        hold(time.monotonic() < limit, "hung")
        hold(bench.end(bench.start("cache", "gc", "--max-size", "0")) == 0, "gc failed")
        sweeps += 1
    hold(os.waitstatus_to_exitcode(ended[1]) == 0, f"ended with {ended[1]}")
    hold(sweeps > 0 and films(folder / "out") == whole, f"{sweeps} sweeps, other bytes")


@dataclass(frozen=True, slots=True)
class Experiment:
    """A kind of fault.

    Attributes:
        play: one round; raises Broken.
        rounds: of a complete run.
    """

    play: Callable[[Bench, int], None]
    rounds: int


EXPERIMENTS = (
    Experiment(kill_driver, 360),
    Experiment(kill_driver_anywhen, 40),
    Experiment(kill_driver_of_workers, 10),
    Experiment(kill_worker, 15),
    Experiment(kill_ffmpeg, 20),
    Experiment(damage_cache, 50),
    Experiment(tear_receipt, 50),
    Experiment(fill_disk, 10),
    Experiment(fill_cache_disk, 5),
    Experiment(no_space, 30),
    Experiment(no_memory, 5),
    Experiment(two_runs, 10),
    Experiment(four_runs, 10),
    Experiment(collect_meanwhile, 10),
)


def schedule(names: Sequence[str]) -> Iterator[tuple[Experiment, int]]:
    """Rounds of all kinds, so mixed that any beginning of a run has its share of each."""
    wanted = [one for one in EXPERIMENTS if not names or one.play.__name__ in names]
    rounds = [
        ((number + 0.5) / one.rounds, one.play.__name__, number, one)
        for one in wanted
        for number in range(one.rounds)
    ]
    for _, _, number, one in sorted(rounds, key=lambda each: each[:3]):
        yield one, number


def table(results: Sequence[dict[str, Any]]) -> str:
    """The results as Markdown."""
    minutes = sum(one["processor"] for one in results) / 60
    lines = [
        f"Made by `python -m scripts.faults` on {os.cpu_count()} cores ({platform.machine()}) with Python "
        f"{platform.python_version()} and the tests' tiny actor; it took {minutes:.0f} minutes of CPU time.",
        "",
        "| what happens | rounds | promises held |",
        "| --- | --- | --- |",
    ]
    for one in EXPERIMENTS:
        rounds = [result for result in results if result["experiment"] == one.play.__name__]
        held = sum(result["held"] for result in rounds)
        lines.append(f"| {one.play.__doc__} | {len(rounds)} of {one.rounds} | {held} |")
    broken = [result for result in results if not result["held"]]
    lines += ["", *(f"- {one['experiment']} {one['round']}: {one['why']}" for one in broken)]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[], choices=[one.play.__name__ for one in EXPERIMENTS])
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(args.work.resolve())
    zygote.prepare()
    shutil.rmtree(bench.work / "home", ignore_errors=True)
    write_actor(bench.work / "home" / "actors" / "tiny")
    record = args.work / "results.jsonl"
    results = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    known = {(one["experiment"], one["round"]) for one in results}
    limit = time.monotonic() + 60 * args.minutes
    for one, number in schedule(args.only):
        name = one.play.__name__
        if (name, number) in known or time.monotonic() > limit:
            continue
        before = processor_seconds()
        why = ""
        try:
            one.play(bench, number)
        except Broken as error:
            why = str(error)
        except Exception:
            why = traceback.format_exc(limit=3)
        results.append(
            {
                **{"experiment": name, "round": number, "held": not why, "why": why},
                "processor": round(processor_seconds() - before, 2),
            }
        )
        with record.open("a") as file:
            file.write(json.dumps(results[-1]) + "\n")
        if why:
            print(f"{name} {number}: {why}", file=sys.stderr)
    text = table(results)
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    sys.exit(not all(one["held"] for one in results))


def processor_seconds() -> float:
    """Of this process and of those it waited for."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, kinds))


if __name__ == "__main__":
    main()
