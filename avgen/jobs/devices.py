"""Which devices a run uses, and with how many workers."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from avgen.errors import InputError
from avgen.jobs.local import WorkerSpec

MAX_WORKERS: Final = 256
CORES_PER_WORKER: Final = 1
"""A clip's stages are mostly of one thread; more workers use a CPU's cores better than more threads."""
WORKER_BYTES: Final = 1_500_000_000
"""Memory that a worker may need."""


def find_devices(text: str) -> tuple[str, ...]:
    """Read the value of `--devices`.

    Args:
        text: `cpu`, `auto` (every GPU, else the CPU), or a list like `cuda:0,1`.

    Returns:
        `("cpu",)`, or names like `cuda:0`.

    Raises:
        InputError: for another text, or a GPU that is not there.
    """
    if text == "cpu":
        return ("cpu",)
    count = cuda_devices()
    if text == "auto":
        return tuple(f"cuda:{index}" for index in range(count)) or ("cpu",)
    if text == "cuda":
        text = "cuda:0"
    if not re.fullmatch(r"cuda:\d{1,3}(,(cuda:)?\d{1,3})*", text):
        raise InputError(f"devices: expected cpu, auto, or GPUs like cuda:0,1, got {text!r}.")
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    for number in numbers:
        if number >= count:
            found = f"cuda:0 to cuda:{count - 1}" if count else "no GPU"
            raise InputError(f"devices: there is no cuda:{number}; this machine has {found}.")
    return tuple(f"cuda:{number}" for number in dict.fromkeys(numbers))


def cuda_devices() -> int:
    """Return how many GPUs CUDA shows to this process; no heavy library is loaded for that."""
    count = ctypes.c_int(0)
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return 0
    return count.value


def worker_specs(devices: Sequence[str], workers: int | None, jobs: int) -> list[WorkerSpec]:
    """Spread workers over devices.

    Args:
        devices: from `find_devices`.
        workers: how many in all; None for one per GPU, or as many as the CPU's cores and memory carry.
        jobs: clips to be made: more workers than that would idle.

    Raises:
        InputError: for a number out of range.
    """
    if workers is not None and not 1 <= workers <= MAX_WORKERS:
        raise InputError(f"workers: expected a whole number from 1 to {MAX_WORKERS}, got {workers}.")
    cores = len(os.sched_getaffinity(0))
    if workers is None:
        workers = len(devices) if devices != ("cpu",) else _cpu_workers(cores)
    workers = max(1, min(workers, jobs))
    names = [devices[index % len(devices)] for index in range(workers)]
    return [
        WorkerSpec(
            name if names.count(name) == 1 else f"{name}#{names[: index + 1].count(name)}",
            {
                **_environment(name),
                "OMP_NUM_THREADS": "1",
            },
        )
        for index, name in enumerate(names)
    ]


def _cpu_workers(cores: int) -> int:
    try:
        memory = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        carried = int(memory["MemAvailable"].split()[0]) * 1024 // WORKER_BYTES
    except (OSError, KeyError, ValueError):
        carried = cores
    return max(1, min(cores // CORES_PER_WORKER, carried))


def _environment(device: str) -> dict[str, str]:
    """Show a worker the one GPU that is its own, or none."""
    if device == "cpu":
        return {"CUDA_VISIBLE_DEVICES": ""}
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    number = int(device.removeprefix("cuda:"))
    return {"CUDA_VISIBLE_DEVICES": shown.split(",")[number] if shown else str(number)}
