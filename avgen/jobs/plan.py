"""From what was asked to the list of files to make; every check that needs no work comes first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from avgen.avatars.actor import Actor, check_files, find_actor
from avgen.cache import Cache
from avgen.components import check_kinds
from avgen.config import RenderConfig, unknown
from avgen.errors import InputError
from avgen.media.provenance import is_done
from avgen.pipeline import read_clip
from avgen.plan import FINAL_STAGE, STAGE_NAMES, STAGES, ClipSpec, downstream, stage_keys
from avgen.script import Clip

MAX_VARIATIONS = 1000


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run would do for one clip.

    Attributes:
        id: name of the clip.
        output: the MP4.
        done: whether it is there and as asked.
        cached: stages whose result is in the cache.
        missing: stages that would run.
    """

    id: str
    output: str
    done: bool
    cached: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What a command or a call asks for.

    Attributes:
        clips: texts.
        actor: name or folder.
        config: settings.
        seed: of the first variation.
        variations: how many seeds, one after the other.
        output: a folder, or the MP4 of a single clip.
    """

    clips: Sequence[Clip]
    actor: str
    config: RenderConfig
    seed: int = 0
    variations: int = 1
    output: Path = Path("out")


def plan(request: Request) -> tuple[ClipSpec, ...]:
    """Check a request and list its files.

    Raises:
        InputError: if it asks for something that cannot be.
        ActorError: if the actor is unknown, incomplete or damaged.
    """
    if not request.clips:
        raise InputError("there is nothing to render: give at least one script.")
    actor = find_actor(request.actor)
    check_kinds(actor)
    check_files(actor)
    _check_camera(actor, request.config.camera)
    if request.seed < 0:
        raise InputError(f"seed: expected a whole number from 0, got {request.seed}.")
    if not 1 <= request.variations <= MAX_VARIATIONS:
        raise InputError(
            f"variations: expected a whole number from 1 to {MAX_VARIATIONS}, got {request.variations}."
        )
    specs = tuple(_specs(request, actor))
    for folder in sorted({spec.output.parent for spec in specs}):
        _check_writable(folder)
    return specs


def foresee(spec: ClipSpec, cache: Cache, force: str | None) -> Outlook:
    """Say what a run would do for a clip, without doing it."""
    keys = stage_keys(spec)
    if force is None and is_done(spec.output, keys[FINAL_STAGE]):
        return Outlook(spec.name, str(spec.output), True, (), ())
    forced = downstream(force)
    cached = {name for name in STAGE_NAMES if name not in forced and cache.contains(keys[name])}
    needed = {FINAL_STAGE}
    for stage in reversed(STAGES):
        if stage.name in needed and stage.name not in cached:
            needed.update(stage.upstream)
    in_order = [name for name in STAGE_NAMES if name in needed]
    return Outlook(
        id=spec.name,
        output=str(spec.output),
        done=False,
        cached=tuple(name for name in in_order if name in cached),
        missing=tuple(name for name in in_order if name not in cached),
    )


def check_texts(specs: Sequence[ClipSpec], cache: Cache) -> None:
    """Read every text that is new, so that a mistake on the last page stops the run before the first clip.

    Raises:
        InputError: naming the file and line that cannot be spoken.
    """
    new = [spec.clip for spec in specs if "tokenize" in foresee(spec, cache, None).missing]
    for clip in dict.fromkeys(new):
        if clip.audio is None:
            read_clip(clip)


def _specs(request: Request, actor: Actor) -> Iterator[ClipSpec]:
    output = request.output
    single = output.suffix.lower() == ".mp4"
    if single and len(request.clips) * request.variations > 1:
        raise InputError(
            f"{output}: one file cannot take {len(request.clips) * request.variations} clips. "
            "Give a folder with -o, for example: -o out"
        )
    for clip in request.clips:
        for seed in range(request.seed, request.seed + request.variations):
            name = f"{clip.id}.s{seed}.mp4" if request.variations > 1 else f"{clip.id}.mp4"
            yield ClipSpec(clip, actor, request.config, seed, output if single else output / name)


def _check_camera(actor: Actor, camera: str) -> None:
    if camera not in actor.cameras:
        raise InputError(f"camera: {unknown('camera', camera, actor.cameras)}")


def _check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be made or written, without making it."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise InputError(f"{folder}: cannot write here: {place} is not a folder.")
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(f"{folder}: cannot write here: no permission for {place}.")
