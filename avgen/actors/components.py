"""The classes an actor's components can be, imported when an actor names them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from avgen.errors import ActorError, AvgenError

if TYPE_CHECKING:
    from pathlib import Path

    from avgen.actors.actor import Actor
    from avgen.avatars.base import Avatar
    from avgen.avatars.views import View

KINDS: Final[dict[str, dict[str, str]]] = {
    "text_to_tokens": {"phonemes": "avgen.flow.text_to_tokens:TextToTokens"},
    "extractor": {
        "whisper": "avgen.speech.extractor:WhisperExtractor",
        "wav2vec2": "avgen.speech.wav2vec2:Wav2Vec2Extractor",
    },
    "flow": {"avflow": "avgen.flow.avflow:AVFlow"},
    "head_vae": {"temporal": "avgen.flow.head_vae:HeadVAE"},
    "vocoder": {
        "source_filter": "avgen.vocoders.source_filter:SourceFilter",
        "bigvgan": "avgen.vocoders.bigvgan:BigVGAN",
    },
    "avatar": {
        "textured_mesh": "avgen.avatars.mesh.avatar:TexturedMesh",
        "ca_body": "avgen.avatars.ca_body.avatar:CodecAvatar",
    },
    "body": {"skinned": "avgen.avatars.mesh.body:Body"},
    "gesture_generator": {
        "flow": "avgen.flow.gestures:LearntGestures",
    },
    "motion": {"audio2photoreal": "avgen.generators.motion:SoundToMotion"},
}


AVATAR, BODY, MOTION, GESTURES = "avatar", "body", "motion", "gesture_generator"
ON_DEVICE: Final = ("flow", "vocoder", "motion")
"""Components whose work is worth a GPU; the others' takes less than moving it there."""
TORCH_THREADS: Final = 1
"""Fixed, because sums depend on it; many clips at once use a machine's cores better than many threads."""


_FIGURE: Final = "avatar with body"
"""Under which it is kept beside the components."""
KEPT_OTHERS: Final = 4
"""Actors whom a dialogue brings along, and whose components stay loaded."""


class Models:
    """An actor's components, each loaded when it is first used and kept."""

    def __init__(self, actor: Actor, device: str = "cpu") -> None:
        """Make an empty set.

        Args:
            actor: whose components they are.
            device: `cpu`, or `cuda` for the first GPU that this process sees.
        """
        self.actor = actor
        self.device = device
        self._loaded: dict[str, Any] = {}
        self._others: dict[tuple[Path, str], Models] = {}

    def of(self, actor: Actor) -> Models:
        """Return the components of an actor: these, or those of another, which stay loaded with them."""
        if (actor.folder, actor.sha256) == (self.actor.folder, self.actor.sha256):
            return self
        who = actor.folder, actor.sha256
        if who not in self._others:
            while len(self._others) >= KEPT_OTHERS:
                del self._others[next(iter(self._others))]
            self._others[who] = Models(actor, self.device)
        return self._others[who]

    def __getitem__(self, slot: str) -> Any:
        """Return the component that fills a slot.

        Raises:
            ActorError: if its weights do not fit its class.
        """
        if slot not in self._loaded:
            import torch

            torch.set_num_threads(TORCH_THREADS)
            model = _load(self.actor, slot)
            on_gpu = self.device != "cpu" and slot in ON_DEVICE
            self._loaded[slot] = model.to(self.device) if on_gpu else model
        return self._loaded[slot]

    def figure(self, view: View) -> Avatar:
        """Return the avatar as a view shows it: the bust, or with the actor's body.

        Raises:
            ActorError: if its files do not fit their classes, or each other.
        """
        bust: Avatar = self[AVATAR]
        if not view.shows_body:
            return bust
        if _FIGURE not in self._loaded:
            self._loaded[_FIGURE] = bust.embodied(self[BODY])
        figure: Avatar = self._loaded[_FIGURE]
        return figure


def check_kinds(actor: Actor) -> None:
    """Refuse an actor with a component that this version has no class for.

    Raises:
        ActorError: naming the component and the nearest kind.
    """
    from avgen.documents import unknown

    for part in actor.components.values():
        if part.kind not in KINDS[part.slot]:
            raise ActorError(
                f"actor {actor.name}: {part.slot}: {unknown('kind', part.kind, KINDS[part.slot])}"
            )


def _load(actor: Actor, slot: str) -> Any:
    from avgen.files import sha256_file

    part = actor.components[slot]
    module, name = KINDS[slot][part.kind].split(":")
    cls = getattr(importlib.import_module(module), name)
    try:
        model = cls.load(part.config, part.file)
        if sha256_file(part.file) != part.sha256:
            raise ActorError(
                f"actor {actor.name}: {part.file.name} was changed during the run. Run it again."
            )
        return model
    except (AvgenError, MemoryError):
        raise
    except Exception as error:  # a file of another kind fails wherever its class first misses something
        reason = " ".join(str(error).split())[:300]
        raise ActorError(
            f"actor {actor.name}: {part.file.name} does not fit {slot} kind {part.kind!r}: {reason}"
        ) from error
