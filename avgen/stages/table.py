"""The stages of a clip, and the content keys of their results, known before anything runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from avgen.actors.actor import Actor, read_actor
from avgen.config import RenderConfig, is_image
from avgen.errors import ActorError, InputError
from avgen.files import sha256_file, sha256_text
from avgen.inputs.clips import Clip
from avgen.takes.cache import content_key
from avgen.takes.receipts import package_version

KEY_SCHEMA: Final = 2
"""Raise when the meaning of the fields of a key changes."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage's result depends on; all of it goes into the result's key.

    Attributes:
        name: of the stage.
        version: raised by hand whenever the same inputs give another result.
        upstream: stages whose results it reads.
        slots: components it uses.
        settings: fields of RenderConfig it reads.
        packages: whose versions can change its numbers.
        traits: values of the actor it reads.
        seeded: whether it draws anything.
    """

    name: str
    version: int
    upstream: tuple[str, ...]
    slots: tuple[str, ...]
    settings: tuple[str, ...]
    packages: tuple[str, ...]
    traits: tuple[str, ...] = ()
    seeded: bool = True


STAGES: Final = (
    Stage(
        name="tokenize",
        version=5,
        upstream=(),
        slots=("text_to_tokens",),
        settings=("emotion", "speaking_rate", "sentence_silence"),
        packages=("torch", "hibari-tts"),
    ),
    Stage(
        name="sample",
        version=6,
        upstream=("tokenize",),
        slots=("flow", "head_vae"),
        settings=("steps", "temperature", "guidance_scale", "emotion"),
        packages=("torch",),
    ),
    Stage(
        name="vocode",
        version=4,
        upstream=("tokenize", "sample"),
        slots=("vocoder",),
        settings=("emotion",),
        packages=("torch",),
        traits=("speech_gain_db",),
    ),
    Stage(
        name="render",
        version=5,
        upstream=("sample",),
        slots=("avatar",),
        settings=(
            "fps",
            "width",
            "height",
            "camera",
            "background",
            "renderer",
            "format",
            "crf",
            "encoder_speed",
        ),
        packages=("numba", "torch", "imageio-ffmpeg"),
    ),
    Stage(
        name="mux",
        version=1,
        upstream=("vocode", "render"),
        slots=(),
        settings=("fps", "format"),
        packages=("imageio-ffmpeg",),
    ),
)
_OF_RECORDINGS: Final = {
    "tokenize": Stage(
        name="tokenize",
        version=1,
        upstream=(),
        slots=("extractor",),
        settings=(),
        packages=("torch", "torchaudio", "soundfile"),
        seeded=False,
    ),
    "vocode": Stage(
        name="vocode",
        version=1,
        upstream=(),
        slots=(),
        settings=(),
        packages=("torchaudio", "soundfile"),
        seeded=False,
    ),
}
STAGE_NAMES: Final = tuple(stage.name for stage in STAGES)
FINAL_STAGE: Final = STAGES[-1].name


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """One file to be made.

    Attributes:
        clip: what is said.
        actor: who says it.
        config: how.
        seed: of the run.
        output: the MP4.
        device: class of device that computes, `cpu` or `cuda`: their sums differ in the last bits.
    """

    clip: Clip
    actor: Actor
    config: RenderConfig
    seed: int
    output: Path
    device: str = "cpu"

    @property
    def name(self) -> str:
        """Name of the output without its suffix."""
        return self.output.stem

    @property
    def clip_seed(self) -> int:
        """The clip's own seed (63 bits): clips of one run do not share their noise."""
        return int(sha256_text(f"{self.seed}:{self.clip.id}")[:16], 16) >> 1


def stages_of(clip: Clip) -> tuple[Stage, ...]:
    """Return the stages of a clip: a recording is listened to instead of read, and is its own sound."""
    if clip.audio is None:
        return STAGES
    return tuple(_OF_RECORDINGS.get(stage.name, stage) for stage in STAGES)


def stage_keys(spec: ClipSpec) -> dict[str, str]:
    """Return the content key of every stage's result; nothing has to run for that.

    Raises:
        ActorError: if the clip is a recording and the actor cannot listen.
    """
    if spec.clip.audio is not None and "extractor" not in spec.actor.components:
        raise ActorError(
            f"actor {spec.actor.name} has no extractor, which recordings need: {spec.clip.audio}. "
            "Give a script instead, or another actor."
        )
    settings = {**asdict(spec.config), "background": background_identity(spec.config.background)}
    keys: dict[str, str] = {}
    for stage in stages_of(spec.clip):
        parts = (spec.actor.components[slot] for slot in stage.slots)
        keys[stage.name] = content_key(
            {
                "schema": KEY_SCHEMA,
                "stage": stage.name,
                "version": stage.version,
                "components": [[part.slot, part.kind, part.sha256, part.config] for part in parts],
                "traits": {name: getattr(spec.actor, name) for name in stage.traits},
                "settings": {name: settings[name] for name in stage.settings},
                "source": None if stage.upstream else spec.clip.sha256,
                "seed": spec.clip_seed if stage.seeded else None,
                "upstream": [keys[name] for name in stage.upstream],
                "numerics": {
                    "device": spec.device,
                    **{name: package_version(name) for name in stage.packages},
                },
            }
        )
    return keys


def background_identity(background: str) -> str:
    """Return what a background looks like, wherever it lies: an image file by the hash of its content.

    Raises:
        InputError: if the image file cannot be read.
    """
    if not is_image(background):
        return background
    try:
        state = os.stat(background)
        return f"image:{_hash_of(background, state.st_mtime_ns, state.st_size)}"
    except OSError as error:
        raise InputError(f"background: {background}: cannot be read: {error.strerror}.") from None


@lru_cache(maxsize=1024)
def _hash_of(path: str, changed: int, size: int) -> str:
    """Hash a file once, as long as its time of change and its size stay the same."""
    del changed, size
    return sha256_file(Path(path))


def downstream(stage: str | None) -> frozenset[str]:
    """Return a stage and everything that is made from its result; nothing for None."""
    names = {stage} if stage else set()
    for later in STAGES:
        if names & set(later.upstream):
            names.add(later.name)
    return frozenset(names)


def dump_spec(spec: ClipSpec) -> dict[str, Any]:
    """Return a spec as what JSON can hold; paths are absolute, so that any process of a machine reads it."""
    audio = spec.clip.audio
    return {
        "clip": {**asdict(spec.clip), "audio": str(audio.absolute()) if audio else None},
        "actor": str(spec.actor.folder.absolute()),
        "config": asdict(spec.config),
        "seed": spec.seed,
        "output": str(spec.output.absolute()),
        "device": spec.device,
    }


def load_spec(values: Mapping[str, Any]) -> ClipSpec:
    """Restore what `dump_spec` made; the actor is read from its folder once.

    Raises:
        ActorError: if the actor's folder is gone or wrong.
    """
    clip = {**values["clip"], "audio": Path(values["clip"]["audio"]) if values["clip"]["audio"] else None}
    return ClipSpec(
        clip=Clip(**clip),
        actor=_actor(Path(values["actor"])),
        config=RenderConfig(**values["config"]),
        seed=values["seed"],
        output=Path(values["output"]),
        device=values["device"],
    )


@lru_cache(maxsize=16)
def _actor(folder: Path) -> Actor:
    return read_actor(folder)
