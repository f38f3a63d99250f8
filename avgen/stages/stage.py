"""A stage: all that one step of a clip is made of, and the names of what the runner hands to it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from avgen.actors.components import AVATAR, BODY, ON_DEVICE

if TYPE_CHECKING:
    from avgen.avatars.views import View
    from avgen.config import RenderConfig

SEED, SCRIPT, CUES, RECORDING, TRANSCRIPT = "seed", "script", "cues", "recording", "transcript"
SOUND_FILE, DEVICE, VIEW, VOICE = "sound_file", "device", "view", "voice"
PATH, FRAMES, ADVANCE, CHUNK, TAGS = "path", "frames", "advance", "chunk", "tags"
CONVERSATION, OTHERS, PARTS, LAYOUT = "conversation", "others", "parts", "layout"
CHANNEL, PARTNER_SOUND, PARTNER_VIDEO = "channel", "partner_sound", "partner_video"
PARTNER_FEATURES, PARTNER_SECONDS = "partner_features", "partner_seconds"
OF_PARTNER: Final = (PARTNER_SOUND, PARTNER_VIDEO, PARTNER_FEATURES, PARTNER_SECONDS)
OF_RECORDING: Final = (RECORDING, SOUND_FILE)
GIVEN: Final = (
    *(SEED, SCRIPT, CUES, RECORDING, TRANSCRIPT, SOUND_FILE, CONVERSATION, OTHERS, PARTS, LAYOUT),
    *(CHANNEL, *OF_PARTNER),
    *(DEVICE, VIEW, VOICE, PATH, FRAMES, ADVANCE, CHUNK, TAGS),
)
SOURCES: Final = (SCRIPT, CUES, RECORDING, SOUND_FILE, CONVERSATION, LAYOUT)
"""What the runner itself can hand to a stage: the clip's seed; its text or its subtitles, read; its recorded
speech, what is known to be said in it, and its file; the dialogue that it is a part of, read; what the others
in it say and do; what the clips of a scene's people made, and how they share the picture; the channel on
which a recorded actor speaks; where a partner is heard and seen, and for how long; the class of device that
computes; the view that the clip asks for, and the shares of the actor's voices; the file to write; a folder
for its pictures as files, if they are wanted; whom to tell the progress; pictures to draw at once; what a
finished file says about itself. SOURCES are what the clip is made from; of the last five of GIVEN none
changes a key but TAGS, by whom the file shows and who agreed."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on a clip's road.

    Attributes:
        name: of the stage.
        result: name of what it makes: later stages get it under this name.
        version: raised by hand whenever the same inputs give another result.
        run: its function, as `module:name`.
        upstream: stages whose results it reads.
        slots: components of the actor it uses; an `avatar` that is given a view has the actor's body where
            the view shows it.
        settings: fields of RenderConfig it reads.
        traits: attributes of the actor it reads.
        given: what it gets from the runner, of GIVEN.
        only_for: setting without which it has nothing to do: its result is then that of the first of
            `upstream`, under the same key.
        only_with: component without which it has nothing to do, likewise.
        only_seen: whether it has nothing to do for views that do not show the body, likewise.
        packages: distributions whose version can change its numbers.
        cost: seconds of work per second of video, on two cores without a GPU (scripts/bench/CLIP.md).
        disk: bytes per second of video that its result takes.
    """

    name: str
    result: str
    version: int
    run: str
    upstream: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    only_for: str = ""
    only_with: str = ""
    only_seen: bool = False
    packages: tuple[str, ...] = ()
    cost: Callable[[RenderConfig], float] = lambda config: 0.01
    disk: Callable[[RenderConfig], float] = lambda config: 0.0

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself."""
        module, name = self.run.split(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found

    def idle(self, config: RenderConfig, view: View, components: Collection[str]) -> bool:
        """Whether it has nothing to do, for an actor with some components, as a view shows it."""
        if (self.only_with and self.only_with not in components) or (self.only_seen and not view.shows_body):
            return True
        return bool(self.only_for) and not getattr(config, self.only_for)

    def reads(self, idle: Collection[str]) -> tuple[str, ...]:
        """Stages whose results it needs, given those that have nothing to do."""
        return self.upstream[:1] if self.name in idle else self.upstream

    def draws_body(self, view: View) -> bool:
        """Whether it draws the avatar with the actor's body, as a view shows it."""
        return view.shows_body and AVATAR in self.slots and VIEW in self.given

    def slots_for(self, view: View, components: Collection[str]) -> tuple[str, ...]:
        """Components whose files its result depends on, for a view, of those that an actor has."""
        slots = (*self.slots, BODY) if self.draws_body(view) else self.slots
        return tuple(slot for slot in slots if slot in components)

    @property
    def on_device(self) -> bool:
        """Whether the device of the clip computes any of it, rather than the CPU."""
        return DEVICE in self.given or any(slot in ON_DEVICE for slot in self.slots)

    @property
    def reads_text(self) -> bool:
        """Whether it reads what is written: a script, subtitles, or a transcript."""
        return not {SCRIPT, CUES, TRANSCRIPT, CONVERSATION}.isdisjoint(self.given)

    @property
    def is_file(self) -> bool:
        """Whether its result is a file that it writes itself."""
        return PATH in self.given
