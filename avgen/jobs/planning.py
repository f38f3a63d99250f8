"""From what was asked to the list of files to make; every check that needs no work comes first."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from avgen.actors.actor import Actor, check_files, find_actor
from avgen.actors.components import check_kinds
from avgen.avatars.views import CameraChoice
from avgen.background import Background
from avgen.config import FORMATS, RenderConfig, load_preset
from avgen.errors import InputError
from avgen.exports import check_export
from avgen.inputs.clips import Scene, has_words, texts_of
from avgen.inputs.lexicons import LEXICON_FILE, Lexicons, find_lexicons
from avgen.inputs.manifest import MAX_SEED, Row
from avgen.inputs.names import is_file_name
from avgen.inputs.records import located
from avgen.jobs.dialogues import parse_layouts, people_and_scenes
from avgen.stages.spec import ClipSpec, stage_keys
from avgen.stages.table import FINAL_STAGE, downstream
from avgen.takes.cache import Cache
from avgen.takes.receipts import read_done

_log = logging.getLogger(__name__)
MAX_VARIATIONS: Final = 1000
MAX_CLIPS: Final = 100_000
"""Most files of one run."""
CHECKING_THREADS: Final = 4
"""Files that are hashed at once."""
_SUFFIXES: Final = ", ".join(f".{name}" for name in FORMATS)
_OTHER_FORMATS: Final = ("avi", "gif", "m4v", "mkv", "mpg", "wmv")
_DISTINCT: Final = "Names differ by id, {seed} and {camera}, not by case or suffix."


@dataclass(frozen=True, slots=True)
class Request:
    """What a command or a call asks for; a manifest's row may ask otherwise for its clip.

    Attributes:
        rows: clips.
        actor: name or folder.
        preset: name or file.
        settings: fields of RenderConfig, and `size`, that replace the preset's; None leaves it.
        cameras: one picture of each clip for each; none for the preset's camera.
        seeds: one take for each.
        variations: this many takes, with the first seed and those after it.
        output: a folder, or the file of a single clip.
        device: class of device that computes, `cpu` or `cuda`.
        exports: kinds of files to make beside each.
        layouts: of the scenes of dialogues; none for the first of `avgen.inputs.clips.LAYOUTS`.
    """

    rows: Sequence[Row]
    actor: str = "mira"
    preset: str = "standard"
    settings: Mapping[str, Any] = field(default_factory=dict)
    cameras: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0,)
    variations: int = 1
    output: Path = Path("out")
    device: str = "cpu"
    exports: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run would do for one file.

    Attributes:
        spec: of the file.
        keys: content keys of its stages.
        done: whether it is there and as asked.
        cached: stages whose result is in the cache.
        missing: stages that would run.
        frames: number of pictures if it is done.
        duration: in seconds if it is done.
    """

    spec: ClipSpec
    keys: Mapping[str, str]
    done: bool
    cached: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    frames: int = 0
    duration: float = 0.0


def plan(request: Request) -> tuple[ClipSpec, ...]:
    """Check a request and list its files.

    Raises:
        InputError: if it asks for something that cannot be.
        ActorError: if the actor is unknown, incomplete or damaged.
    """
    if not request.rows:
        raise InputError("there is nothing to render: give at least one script.")
    if not 1 <= request.variations <= MAX_VARIATIONS:
        raise InputError(
            f"variations: expected a whole number from 1 to {MAX_VARIATIONS}, got {request.variations}."
        )
    for seed in request.seeds:
        _check_seed(seed)
    specs = _Planner(request).specs()
    _check_writable(specs[0].output.parent)
    return specs


def survey(specs: Sequence[ClipSpec], cache: Cache, force: str | None) -> list[Outlook]:
    """Say for every file what a run would do; what is there is read and hashed, nothing is written."""
    with ThreadPoolExecutor(CHECKING_THREADS) as pool:
        return list(pool.map(lambda spec: foresee(spec, cache, force), specs))


def foresee(spec: ClipSpec, cache: Cache, force: str | None) -> Outlook:
    """Say what a run would do for a file, without doing it."""
    keys = stage_keys(spec)
    others = [path.name for path in spec.export_paths]
    receipt = read_done(spec.output, keys[FINAL_STAGE], others) if force is None else None
    if receipt is not None:
        return Outlook(spec, keys, True, frames=receipt.frames, duration=receipt.duration)
    idle = spec.idle
    forced = downstream(force, idle)
    busy = [stage.name for stage in spec.road if stage.name not in idle]
    cached = {name for name in busy if name not in forced and cache.contains(keys[name])}
    needed = {FINAL_STAGE}
    for stage in reversed(spec.road):
        if stage.name in needed and stage.name not in cached:
            needed.update(stage.reads(idle))
    in_order = [name for name in busy if name in needed]
    return Outlook(
        spec=spec,
        keys=keys,
        done=False,
        cached=tuple(name for name in in_order if name in cached),
        missing=tuple(name for name in in_order if name not in cached),
    )


def check_texts(outlooks: Sequence[Outlook], strict: bool = False) -> None:
    """Check every text that is new, so that a mistake on the last page stops the run before the first clip.

    Args:
        outlooks: from `survey`.
        strict: refuse blanks that nobody filled in, of which there is a warning otherwise.

    Raises:
        InputError: naming the file and line that cannot be spoken.
    """
    from avgen.text import check_script

    new = (
        (text, outlook.spec.lexicons, outlook.spec.actor.voice_names)
        for outlook in outlooks
        if any(stage.reads_text for stage in outlook.spec.road if stage.name in outlook.missing)
        for text in texts_of(outlook.spec.clip.source)
    )
    for text, lexicons, voices in dict.fromkeys(new):
        lexicon = lexicons.read() if lexicons else None
        notes = check_script(
            text.text, source=text.where, first_line=text.first_line, lexicon=lexicon, voices=voices
        )
        for note in notes:
            if note.kind == "placeholder":
                said = f"{text.where} line {note.line}: {note.text!r} was not filled in"
                if strict:
                    raise InputError(f"{said}. Fill it in, or leave out --strict.")
                _log.warning("%s; it is spoken as it stands", said)


class _Planner:
    """Turns rows into specs; actors and settings that many rows share are read once."""

    def __init__(self, request: Request) -> None:
        self.request = request
        suffix = request.output.suffix.lower().removeprefix(".")
        self.single = suffix in FORMATS
        self.plain = dict(request.settings)
        if suffix in _OTHER_FORMATS:
            raise InputError(f"{request.output}: expected a folder, or a file that ends in {_SUFFIXES}.")
        if self.single:
            if self.plain.get("format") not in (None, suffix):
                raise InputError(f"format: {request.output} cannot hold {self.plain['format']}.")
            self.plain["format"] = suffix
        self.layouts = parse_layouts(request.layouts)
        if request.layouts and not any(isinstance(row.clip.source, Scene) for row in request.rows):
            raise InputError("layout: there is no dialogue here, whose lines begin with names: MIRA: Hello.")
        self._actors: dict[str, Actor] = {}
        self._configs: dict[Any, RenderConfig] = {}
        self._images: set[Background] = set()
        self._lexicons: dict[tuple[Path, str], Lexicons | None] = {}

    def specs(self) -> tuple[ClipSpec, ...]:
        request = self.request
        self.actor(request.actor)
        for camera in request.cameras or (None,):
            self.config(request.preset, {}, camera)  # a wrong option is no row's fault
        found: list[ClipSpec] = []
        places: dict[str, str] = {}
        planned = 0
        for row in request.rows:
            before = len(found)
            with located(row.where):
                for spec in self.of_row(row):
                    planned += 1
                    found += self.clips_of(spec)
                for spec in found[before:]:
                    if (other := places.get(spec.name.casefold())) is not None and not self.single:
                        raise InputError(f"{other} would become {spec.output} too. {_DISTINCT}")
                    places[spec.name.casefold()] = row.where or row.clip.source.where
            if len(found) > MAX_CLIPS:
                raise InputError(f"this asks for more than {MAX_CLIPS:,} clips. Split it into several runs.")
        if self.single and planned > 1:
            raise InputError(
                f"{request.output}: one file cannot take {planned} clips. "
                "Give a folder with -o, for example: -o out"
            )
        return tuple(found)

    def of_row(self, row: Row) -> Iterator[ClipSpec]:
        request = self.request
        actor = self.actor(row.actor or request.actor)
        seeds = row.seeds or request.seeds
        if len(seeds) == 1 and request.variations > 1:
            seeds = tuple(range(seeds[0], seeds[0] + request.variations))
            _check_seed(seeds[-1])
        cameras = row.cameras or request.cameras or (None,)
        settings = dict(row.settings)
        if row.output is not None and (suffix := _format_of(row.output)):
            settings["format"] = suffix
        for seed in seeds:
            for camera in cameras:
                config = self.config(row.preset or request.preset, settings, camera)
                if not isinstance(row.clip.source, Scene):
                    actor.view(config.camera)  # an unknown camera is refused here,
                    actor.shares(config.voice)  # and an unknown voice
                for kind in request.exports:
                    check_export(kind, row.clip.id, config, has_words(row.clip.source))
                label = CameraChoice.parse(config.camera or actor.default_camera).label
                name = self.name(row, seed, config.format, label, (len(seeds) > 1, len(cameras) > 1))
                yield ClipSpec(
                    *(row.clip, actor, config, seed, name, request.device, request.exports),
                    lexicons=self.lexicons(actor, config.lexicon),
                )

    def clips_of(self, spec: ClipSpec) -> Iterator[ClipSpec]:
        """What to make of a plan: itself, or the people and the scenes of a dialogue."""
        if not isinstance(spec.clip.source, Scene):
            yield spec
            return
        own = spec.config.lexicon
        yield from people_and_scenes(spec, self.layouts, self.actor, lambda actor: self.lexicons(actor, own))

    def actor(self, name: str) -> Actor:
        if name not in self._actors:
            actor = find_actor(name)
            check_kinds(actor)
            check_files(actor)
            self._actors[name] = actor
        return self._actors[name]

    def lexicons(self, actor: Actor, own: str) -> Lexicons | None:
        """An actor's own lexicon, if it has one, and the user's, checked once for all rows."""
        key = actor.folder, own
        if key not in self._lexicons:
            paths = [actor.folder / LEXICON_FILE] if (actor.folder / LEXICON_FILE).is_file() else []
            paths += [Path(own)] if own else []
            self._lexicons[key] = find_lexicons(paths)
        return self._lexicons[key]

    def config(self, preset: str, settings: Mapping[str, Any], camera: str | None) -> RenderConfig:
        key = preset, tuple(settings.items()), camera
        if key not in self._configs:
            asked = {**self.plain, "camera": camera or self.plain.get("camera")}
            config = load_preset(preset).override(asked).override(settings)
            if config.background.transparent and config.format == "mp4":
                raise InputError(
                    "background: an MP4 cannot be transparent. Add --format webm or --format mov, or give an "
                    "output that ends in .webm or .mov."
                )
            self.check_image(config.background)
            self._configs[key] = config
        return self._configs[key]

    def check_image(self, background: Background) -> None:
        """Refuse an image file that cannot be read, before any work."""
        if background.image is not None and background not in self._images:
            from avgen.media.images import read_image

            read_image(background.image, 16, 16)
            self._images.add(background)

    def name(self, row: Row, seed: int, file_format: str, camera: str, several: tuple[bool, bool]) -> Path:
        """Return where a take goes; its seed and camera are in the name if there are several of them."""
        if self.single:
            return self.request.output
        if row.output is None:
            stem = row.clip.id + (f".s{seed}" if several[0] else "") + (f".{camera}" if several[1] else "")
            return self.request.output / f"{stem}.{file_format}"
        name = fill(row.output, {"id": row.clip.id, "seed": str(seed), "camera": camera})
        return self.request.output / (name if _format_of(name) else f"{name}.{file_format}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """Make a file's name from a template.

    Args:
        template: such as `{id}-{seed}.mp4`.
        values: of its fields.

    Raises:
        InputError: for an unknown field, or a name with other characters than ids may have.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            known = ", ".join(f"{{{name}}}" for name in values)
            raise InputError(f"output: unknown field {match[0]!r}. Known: {known}.")
        return values[match[1]]

    name = re.sub(r"\{([^{}]*)\}", value, template)
    if not is_file_name(name):
        raise InputError(
            f"output: expected a name of letters, digits, dots, commas, underscores and hyphens such as "
            f"{{id}}-{{seed}}.mp4, got {name[:80]!r}."
        )
    return name


def _format_of(name: str) -> str | None:
    suffix = name.rpartition(".")[2].lower()
    return suffix if "." in name and suffix in FORMATS else None


def _check_seed(seed: int) -> None:
    if not 0 <= seed <= MAX_SEED:
        raise InputError(f"seed: expected a whole number from 0 to {MAX_SEED}, got {seed}.")


def _check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be made or written, without making it."""
    place = folder.absolute()
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
    except (OSError, ValueError) as error:
        raise InputError(
            f"{folder}: cannot write here: {getattr(error, 'strerror', None) or error}."
        ) from None
    if not place.is_dir():
        raise InputError(f"{folder}: cannot write here: {place} is not a folder.")
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(f"{folder}: cannot write here: no permission for {place}.")
