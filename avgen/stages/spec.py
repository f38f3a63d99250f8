"""One file to be made, and the content keys of its stages, known before anything runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from avgen.actors.actor import Actor, read_actor
from avgen.actors.components import MOTION
from avgen.actors.released import unmoved
from avgen.avatars.views import View
from avgen.background import Background
from avgen.config import RenderConfig
from avgen.emotion import AUTO
from avgen.errors import ActorError, InputError
from avgen.exports import export_path
from avgen.files import sha256_file, sha256_text
from avgen.inputs.clips import Clip, Listening, Part, Recording, Scene, Subtitles, Text, has_words, texts_of
from avgen.inputs.lexicons import Lexicons
from avgen.speech.recognition import RECOGNISER
from avgen.stages.sources import Member
from avgen.stages.stage import (
    CONVERSATION,
    OF_PARTNER,
    OF_RECORDING,
    OTHERS,
    PARTS,
    SEED,
    SOURCES,
    TAGS,
    TRANSCRIPT,
    VIEW,
    VOICE,
    Stage,
)
from avgen.stages.table import ROADS, TAKE_STAGE, with_ears, with_partner
from avgen.takes.cache import content_key
from avgen.takes.receipts import package_version
from avgen.voices import Shares

USED_PARTS: Final = ("tokenize", "vocode", "render")
"""Stages of its people's clips whose results a scene is made from."""
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
        members: of a person's part in a dialogue: all who take part, as its roles.
        parts: of a scene: the clips of its people, from left to right.
        others: of a person's part who listens: the clips of all others, as if nobody did.
    """

    clip: Clip
    actor: Actor
    config: RenderConfig
    seed: int
    output: Path
    device: str = "cpu"
    exports: tuple[str, ...] = ()
    lexicons: Lexicons | None = None
    members: tuple[Member, ...] = ()
    parts: tuple[ClipSpec, ...] = ()
    others: tuple[ClipSpec, ...] = ()

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
        return self._seed_of(self.clip.id)

    @property
    def dialogue_seed(self) -> int:
        """What a dialogue's people share (63 bits): the rhythm of what they say."""
        return self._seed_of(self.work)

    def _seed_of(self, name: str) -> int:
        return int(sha256_text(f"{self.seed}:{name}")[:16], 16) >> 1

    @property
    def work(self) -> str:
        """Id that is the same for all clips of a dialogue; of any other clip its own."""
        source = self.clip.source
        return source.dialogue.id if isinstance(source, Part | Scene) else self.clip.id

    @property
    def actors(self) -> tuple[Actor, ...]:
        """Who is seen."""
        shown = [part.actor for part in self.parts] or [self.actor]
        return tuple({actor.folder: actor for actor in shown}.values())

    @property
    def consent(self) -> str:
        """Whose likeness is shown and why it may be."""
        return " ".join(dict.fromkeys(actor.consent for actor in self.actors))

    @property
    def weights(self) -> dict[str, str]:
        """SHA-256 of each component's file, by its slot; of a scene also by its actor."""
        if not self.parts:
            return {part.slot: part.sha256 for part in self.actor.components.values()}
        components = ((actor, part) for actor in self.actors for part in actor.components.values())
        return {f"{actor.name}/{part.slot}": part.sha256 for actor, part in components}

    @property
    def view(self) -> View:
        """From where the actor is seen."""
        return self.actor.view(self.config.camera)

    @property
    def voice(self) -> Shares:
        """Shares of the actor's voices that speak, where the script says nothing else."""
        return self.actor.shares(self.config.voice)

    @property
    def source(self) -> str:
        """File that the clip came from, as seen from the output's folder; another name stays as it is."""
        where = self.clip.source.where
        source = self.clip.source
        named = source.path if isinstance(source, Recording | Subtitles | Listening) else Path(where)
        return self.from_output(named) if named.is_file() else where.encode(errors="replace").decode()

    def from_output(self, path: Path) -> str:
        """Return a path as seen from the output's folder; what is no Unicode in it is replaced."""
        found = os.path.relpath(path.absolute(), self.output.parent.absolute())
        return found.encode(errors="replace").decode()

    @property
    def road(self) -> tuple[Stage, ...]:
        """The clip's stages, in order."""
        source = self.clip.source
        if source.partner is None:
            return ROADS[with_ears(source.road) if self.others else source.road]
        return ROADS[(with_ears if self.actor.listens else with_partner)(source.road)]

    @property
    def idle(self) -> frozenset[str]:
        """Stages that have nothing to do for it."""
        components = self.actor.components
        return frozenset(stage.name for stage in self.road if stage.idle(self.config, self.view, components))

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
            "members": [_member_to_json(member) for member in self.members],
            "parts": [part.to_json() for part in self.parts],
            "others": [other.to_json() for other in self.others],
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
            lexicons=_lexicons(values["lexicons"]),
            members=tuple(
                Member(_actor(*actor), voice, _lexicons(lexicons))
                for actor, voice, lexicons in values["members"]
            ),
            parts=tuple(cls.from_json(part) for part in values["parts"]),
            others=tuple(cls.from_json(other) for other in values["others"]),
        )


def _member_to_json(member: Member) -> list[Any]:
    actor = [str(member.actor.folder.absolute()), member.actor.sha256]
    return [actor, member.voice, member.lexicons.to_json() if member.lexicons else None]


def _lexicons(values: Any) -> Lexicons | None:
    return Lexicons.from_json(values) if values else None


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


def check_source(spec: ClipSpec) -> None:
    """Refuse a source that cannot be used so, before any work.

    Raises:
        ActorError: if the clip is a recording and the actor cannot hear it, or has a partner in vain, or if
            nothing moves the actor.
        InputError: if an emotion is to be heard in a text.
    """
    if spec.config.emotion == AUTO and not isinstance(spec.clip.source, Recording):
        raise InputError(
            f"{spec.clip.source.where}: emotion: auto is heard in recordings, and this clip is made from a "
            "text, which does not sound yet. Name the emotion, for example happy:0.7, or leave it out."
        )
    if isinstance(spec.clip.source, Recording) and "extractor" not in spec.actor.components:
        raise ActorError(
            f"actor {spec.actor.name} has no extractor, which recordings need: {spec.clip.source.path}. "
            "Give a script instead, or another actor."
        )
    if problem := unmoved(spec.actor):
        raise ActorError(f"actor {spec.actor.name} cannot be rendered: {problem}")
    if isinstance(spec.clip.source, Text | Subtitles | Recording) and not spec.actor.listens:
        _check_partner(spec)


def _check_partner(spec: ClipSpec) -> None:
    """Refuse a partner whom the actor would not notice; the other channel of a recording is only left out."""
    source = spec.clip.source
    partner = source.partner
    if partner is not None and not partner.channel and MOTION not in spec.actor.components:
        raise ActorError(
            f"actor {spec.actor.name} has not learnt to listen: nothing of {partner.path} would be seen. "
            "Leave out the partner, or take an actor who has: avgen actors list."
        )


def stage_keys(spec: ClipSpec) -> dict[str, str]:
    """Return the content key of every stage's result; nothing has to run for that.

    Raises:
        ActorError: as `check_source`.
        InputError: likewise, or if the background is an image file that cannot be read.
    """
    check_source(spec)
    settings = {**spec.config.to_json(), "background": identity(spec.config.background)}
    keys: dict[str, str] = {}
    without_work = spec.idle
    for stage in spec.road:
        idle = stage.name in without_work
        keys[stage.name] = (
            keys[stage.upstream[0]] if idle else content_key(_fields(stage, spec, settings, keys))
        )
    return keys


def _fields(
    stage: Stage, spec: ClipSpec, settings: Mapping[str, Any], keys: Mapping[str, str]
) -> dict[str, Any]:
    """Everything that determines a stage's result."""
    parts = (spec.actor.components[slot] for slot in stage.slots_for(spec.view, spec.actor.components))
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
    if VOICE in stage.given:
        fields["voice"] = spec.voice
    if CONVERSATION in stage.given:
        fields["members"] = [_member_fields(member) for member in spec.members]
        fields["seed"] = spec.dialogue_seed
    if PARTS in stage.given:
        fields["parts"] = [[stage_keys(part)[name] for name in USED_PARTS] for part in spec.parts]
    if OTHERS in stage.given:
        fields["others"] = [[stage_keys(one)[TAKE_STAGE], one.weights["avatar"]] for one in spec.others]
    if TAGS in stage.given:
        fields["shown"] = [spec.consent, *(actor.title for actor in spec.actors)]
    if TRANSCRIPT in stage.given and texts_of(spec.clip.source):
        fields["transcript"] = [text.sha256 for text in texts_of(spec.clip.source)]
    if spec.lexicons is not None and stage.reads_text and not spec.members and has_words(spec.clip.source):
        fields["lexicon"] = spec.lexicons.digest
    source = spec.clip.source
    if source.partner is not None and not set(OF_PARTNER).isdisjoint(stage.given):
        fields["partner"] = source.partner.digest
    if isinstance(source, Recording) and source.channel and not set(OF_RECORDING).isdisjoint(stage.given):
        fields["channel"] = source.channel
    if isinstance(source, Recording) and source.recognised and TRANSCRIPT in stage.given:
        fields["recogniser"] = {name: package_version(name) for name in RECOGNISER}
    return fields


def _member_fields(member: Member) -> list[Any]:
    """What of a member shapes the rhythm of a dialogue."""
    part = member.actor.components["text_to_tokens"]
    words = member.lexicons.digest if member.lexicons else None
    return [part.kind, part.sha256, part.config, member.actor.voice_names, member.shares, words]


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
