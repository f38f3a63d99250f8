"""One file to be made, and the content keys of its stages, known before anything runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from avgen.actors.actor import Actor, read_actor
from avgen.avatars.views import View
from avgen.background import Background
from avgen.config import RenderConfig
from avgen.errors import ActorError, InputError
from avgen.exports import export_path
from avgen.files import sha256_file, sha256_text
from avgen.inputs.clips import Clip, Recording, Text, texts_of
from avgen.inputs.lexicons import Lexicons
from avgen.stages.table import ROADS, SEED, SOURCES, TRANSCRIPT, VIEW, Stage
from avgen.takes.cache import content_key
from avgen.takes.receipts import package_version

KEY_SCHEMA: Final = 2
"""Raise when the meaning of the fields of a key changes."""


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """One file to be made.

    Attributes:
        clip: what is said.
        actor: who says it.
        config: how.
        seed: of the run.
        output: the file.
        device: class of device that computes, `cpu` or `cuda`: their sums differ in the last bits.
        exports: kinds of files to make beside it.
        lexicons: how words of the script are said.
    """

    clip: Clip
    actor: Actor
    config: RenderConfig
    seed: int
    output: Path
    device: str = "cpu"
    exports: tuple[str, ...] = ()
    lexicons: Lexicons | None = None

    @property
    def name(self) -> str:
        """Name of the output without its suffix."""
        return self.output.stem

    @property
    def export_paths(self) -> tuple[Path, ...]:
        """Where the exports lie."""
        return tuple(export_path(self.output, kind) for kind in self.exports)

    @property
    def clip_seed(self) -> int:
        """The clip's own seed (63 bits): clips of one run do not share their noise."""
        return int(sha256_text(f"{self.seed}:{self.clip.id}")[:16], 16) >> 1

    @property
    def view(self) -> View:
        """From where the actor is seen."""
        return self.actor.view(self.config.camera)

    @property
    def source(self) -> str:
        """File that the clip came from, as seen from the output's folder; another name stays as it is."""
        where = self.clip.source.where
        named = Path(where) if isinstance(self.clip.source, Text) else self.clip.source.path
        return self._from_output(named) if named.is_file() else where.encode(errors="replace").decode()

    @property
    def transcript(self) -> str:
        """File of what is said in a recording, as seen from the output's folder; empty if there is none."""
        source = self.clip.source
        if not isinstance(source, Recording) or source.transcript is None:
            return ""
        named = Path(source.transcript.where)
        return self._from_output(named) if named.is_file() else ""

    def _from_output(self, path: Path) -> str:
        """A path from the output's folder; what is no Unicode in it is replaced."""
        found = os.path.relpath(path.absolute(), self.output.parent.absolute())
        return found.encode(errors="replace").decode()

    def portable_settings(self) -> dict[str, Any]:
        """Return the settings as a receipt holds them: an image file as seen from the output's folder."""
        image = self.config.background.image
        settings = {**self.config.to_json(), "camera": self.config.camera or self.actor.default_camera}
        if image is not None:
            settings["background"] = self._from_output(image)
        if self.config.lexicon:
            settings["lexicon"] = self._from_output(Path(self.config.lexicon))
        return settings

    @property
    def road(self) -> tuple[Stage, ...]:
        """The clip's stages, in order."""
        return ROADS[self.clip.source.road]

    def to_json(self) -> dict[str, Any]:
        """Return the spec as what JSON can hold; paths are absolute, for any process of a machine."""
        return {
            "clip": self.clip.to_json(),
            "actor": [str(self.actor.folder.absolute()), self.actor.sha256],
            "config": self.config.to_json(),
            "seed": self.seed,
            "output": str(self.output.absolute()),
            "device": self.device,
            "exports": self.exports,
            "lexicons": self.lexicons.to_json() if self.lexicons else None,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ClipSpec:
        """Restore what `to_json` made; the actor is read from its folder once.

        Raises:
            ActorError: if the actor's folder is gone, wrong, or not what it was.
        """
        return cls(
            clip=Clip.from_json(values["clip"]),
            actor=_actor(*values["actor"]),
            config=RenderConfig.from_json(values["config"]),
            seed=values["seed"],
            output=Path(values["output"]),
            device=values["device"],
            exports=tuple(values["exports"]),
            lexicons=Lexicons.from_json(values["lexicons"]) if values["lexicons"] else None,
        )


@lru_cache(maxsize=16)
def _actor(folder: str, sha256: str) -> Actor:
    actor = read_actor(Path(folder))
    if actor.sha256 != sha256:
        raise ActorError(f"actor {actor.name} was changed during the run. Run it again.")
    return actor


@cache
def environment() -> str:
    """Return what of this installation every key depends on: equal keys mean equal results only inside it."""
    stages = {stage for road in ROADS.values() for stage in road}
    packages = {name for stage in stages for name in stage.packages}
    return content_key(
        {
            "schema": KEY_SCHEMA,
            "stages": sorted([stage.run, stage.version] for stage in stages),
            "packages": {name: package_version(name) for name in sorted(packages)},
        }
    )


def stage_keys(spec: ClipSpec) -> dict[str, str]:
    """Return the content key of every stage's result; nothing has to run for that.

    Raises:
        ActorError: if the clip is a recording and the actor cannot listen.
        InputError: if the background is an image file that cannot be read.
    """
    if isinstance(spec.clip.source, Recording) and "extractor" not in spec.actor.components:
        raise ActorError(
            f"actor {spec.actor.name} has no extractor, which recordings need: {spec.clip.source.path}. "
            "Give a script instead, or another actor."
        )
    settings = {**spec.config.to_json(), "background": identity(spec.config.background)}
    keys: dict[str, str] = {}
    for stage in spec.road:
        keys[stage.name] = content_key(_fields(stage, spec, settings, keys))
    return keys


def _fields(
    stage: Stage, spec: ClipSpec, settings: Mapping[str, Any], keys: Mapping[str, str]
) -> dict[str, Any]:
    """Everything that determines a stage's result."""
    parts = (spec.actor.components[slot] for slot in stage.slots)
    reads_source = not set(SOURCES).isdisjoint(stage.given)
    fields = {
        "schema": KEY_SCHEMA,
        "stage": stage.name,
        "version": stage.version,
        "components": [[part.slot, part.kind, part.sha256, part.config] for part in parts],
        "traits": {name: getattr(spec.actor, name) for name in stage.traits},
        "settings": {name: settings[name] for name in stage.settings},
        "source": spec.clip.source.sha256 if reads_source else None,
        "seed": spec.clip_seed if SEED in stage.given else None,
        "upstream": [keys[name] for name in stage.upstream],
        "numerics": {
            "device": spec.device if stage.on_device else "cpu",
            **{name: package_version(name) for name in stage.packages},
        },
    }
    if VIEW in stage.given:
        fields["view"] = _view_fields(spec.view)
    if TRANSCRIPT in stage.given and texts_of(spec.clip.source):
        fields["transcript"] = [text.sha256 for text in texts_of(spec.clip.source)]
    if spec.lexicons is not None and stage.reads_text and texts_of(spec.clip.source):
        fields["lexicon"] = spec.lexicons.digest
    return fields


@lru_cache(maxsize=64)
def _view_fields(view: View) -> Mapping[str, Any]:
    """A view as a key holds it; a batch has few views and many clips."""
    return view.to_json()


def identity(background: Background) -> str:
    """Return what a background looks like, wherever it lies: an image file by the hash of its content.

    Raises:
        InputError: if the image file cannot be read.
    """
    if background.image is None:
        return background.name
    try:
        state = background.image.stat()
        return f"image:{_hash_of(background.image, state.st_mtime_ns, state.st_size)}"
    except OSError as error:
        raise InputError(f"background: {background}: cannot be read: {error.strerror}.") from None


@lru_cache(maxsize=1024)
def _hash_of(path: Path, changed: int, size: int) -> str:
    """Hash a file once, as long as its time of change and its size stay the same."""
    del changed, size
    return sha256_file(path)
