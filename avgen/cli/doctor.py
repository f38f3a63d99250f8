"""`avgen doctor`."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

from avgen.cli.terminal import say

PACKAGES = ("torch", "torchaudio", "numba", "numpy", "easypytorch3d", "hibari-tts", "safetensors")


@click.command(epilog="Example: avgen doctor")
@click.option(
    "--actor", default="mira", show_default=True, metavar="NAME|DIR", help="Who does the self-test."
)
def doctor(actor: str) -> None:
    """Check this installation: versions, devices, ffmpeg, actor, cache, and a one-second clip."""
    checks: dict[str, Callable[[], str]] = {
        "versions": _versions,
        "devices": _devices,
        "ffmpeg": _ffmpeg,
        "actor": lambda: _actor(actor),
        "photographs": _photographs,
        "cache": _cache,
        "self-test": lambda: _self_test(actor),
    }
    healthy = True
    for name, check in checks.items():
        try:
            say(f"OK    {name}: {check()}")
        except Exception as error:  # whatever is broken is what this command is to tell
            healthy = False
            say(f"FAIL  {name}: {type(error).__name__}: {error}")
    if not healthy:
        click.get_current_context().exit(1)


def _versions() -> str:
    from avgen import __version__
    from avgen.takes.receipts import package_version

    found = {name: package_version(name) for name in PACKAGES}
    missing = [name for name, version in found.items() if version == "none"]
    if missing:
        raise ModuleNotFoundError(f"{', '.join(missing)}: install avgen again")
    packages = ", ".join(f"{name} {version}" for name, version in found.items())
    return f"avgen {__version__}, Python {platform.python_version()}, {packages}"


def _devices() -> str:
    import torch

    names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return ", ".join([f"{os.cpu_count()} CPU cores ({platform.machine()})", *names])


def _ffmpeg() -> str:
    from avgen.media.ffmpeg import ffmpeg_exe, ffmpeg_version

    return f"{ffmpeg_version()} ({ffmpeg_exe()})"


def _actor(name: str) -> str:
    from avgen.actors.actor import check_files, find_actor
    from avgen.actors.components import check_kinds
    from avgen.actors.released import remarks

    actor = find_actor(name)
    check_kinds(actor)
    check_files(actor)
    size = sum(part.file.stat().st_size for part in actor.components.values())
    made_of = f"{len(actor.components)} components, {size / 1e6:.1f} MB, all files are whole"
    about = "; ".join([made_of, *(remark.removesuffix(".") for remark in remarks(actor))])
    return f"{actor.name}, speaks as {', '.join(actor.voices)}, {about}"


def _photographs() -> str:
    from avgen.casting.portrait import INSTALL
    from avgen.casting.portrait.models import MODELS, read_model
    from avgen.takes.receipts import package_version

    for name in MODELS:
        read_model(name)
    version = package_version("mediapipe")
    missing = f"not read here; to make actors of them: {INSTALL}"
    ready = missing if version == "none" else f"mediapipe {version}"
    return f"{ready}; {len(MODELS)} models are whole"


def _cache() -> str:
    from avgen.files import part_file
    from avgen.takes.cache import Cache, default_root

    root = default_root()
    with part_file(root, "doctor") as part:
        part.write_bytes(b"")
    size = sum(entry.size for entry, _ in Cache(root).entries())
    return f"{root}, {size / 1e6:.1f} MB"


def _self_test(actor: str) -> str:
    from avgen.inputs.clips import Clip, Text
    from avgen.inputs.manifest import Row
    from avgen.jobs.driver import Options, run
    from avgen.jobs.planning import Request, plan, survey
    from avgen.takes.cache import Cache

    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="avgen-doctor-") as folder:
        row = Row(Clip("self-test", Text("Hello.", "self-test")))
        cache = Cache(Path(folder) / "cache")
        specs = plan(Request([row], actor, "draft", output=Path(folder)))
        (result,) = run(survey(specs, cache, None), cache, lambda event: None, Options()).results
    if result.error:
        raise RuntimeError(result.error)
    return f"{result.frames} frames ({result.duration:.1f} s) in {time.monotonic() - started:.1f} s"
