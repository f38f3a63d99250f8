"""What a clip is made from, read: the text, the cues or the sound that its first stages get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from avgen.errors import InputError
from avgen.files import sha256_file
from avgen.inputs.clips import Part, Recording, Subtitles, Text, texts_of
from avgen.inputs.lexicons import Lexicons
from avgen.inputs.partners import CHANNELS, PartnerFile, hash_of

if TYPE_CHECKING:
    from avgen.actors.actor import Actor
    from avgen.actors.components import Models
    from avgen.stages.converse import Conversation
    from avgen.stages.dub import SpokenCue
    from avgen.stages.transcript import Transcript
    from avgen.text import Script
    from avgen.types import Waveform
    from avgen.voices import Shares


@dataclass(frozen=True, slots=True)
class Member:
    """Who plays a role of a dialogue.

    Attributes:
        actor: the actor.
        voice: one of the actor's voices, or a mix; empty for the actor's own.
        lexicons: how words of the role are said.
    """

    actor: Actor
    voice: str = ""
    lexicons: Lexicons | None = None

    @property
    def shares(self) -> Shares:
        """[V] shares of the actor's voices that speak."""
        return self.actor.shares(self.voice)


@lru_cache(maxsize=64)
def read_text(source: Text, lexicons: Lexicons | None, voices: tuple[str, ...]) -> Script:
    """Read a clip's text, which may name some voices; lines in error messages are those of its source.

    Raises:
        InputError: naming the line that cannot be spoken.
    """
    from avgen.text import read_script

    lexicon = lexicons.read() if lexicons else None
    return read_script(
        source.text, source=source.where, first_line=source.first_line, lexicon=lexicon, voices=voices
    )


def read_cues(source: Subtitles, lexicons: Lexicons | None, voices: tuple[str, ...]) -> tuple[SpokenCue, ...]:
    """Read a clip's subtitles, which may name some voices.

    Raises:
        InputError: naming the line that cannot be spoken.
    """
    from avgen.stages.dub import SpokenCue

    return tuple(
        SpokenCue(cue.start, read_text(text, lexicons, voices), f"{text.where}: line {text.first_line}")
        for cue, text in zip(source.cues, texts_of(source), strict=True)
    )


def read_conversation(
    source: Part, members: Sequence[Member], seed: int, models_of: Callable[[Actor], Models]
) -> Conversation:
    """Read a dialogue as one of its people knows it.

    Args:
        source: of the person's clip.
        members: who takes part, as the dialogue's roles.
        seed: of the dialogue.
        models_of: gives an actor's components.

    Raises:
        InputError: naming the line that cannot be spoken.
    """
    from avgen.stages.converse import Conversation, Person, SpokenTurn

    dialogue, turns = source.dialogue, []
    for turn in dialogue.turns:
        person = dialogue.names.index(turn.speaker)
        member = members[person]
        text = Text(turn.script, source.where, turn.line)
        voices = member.actor.voice_names
        script = None if turn.is_silent else read_text(text, member.lexicons, voices)
        turns.append(SpokenTurn(person, script, turn.interrupts))
    people = [
        Person(models_of(one.actor)["text_to_tokens"], one.shares, one.actor.voice_names) for one in members
    ]
    return Conversation(people, turns, dialogue.names.index(source.speaker), seed)


def read_transcript(
    source: Recording, lexicons: Lexicons | None, voices: tuple[str, ...], sound: Callable[[], Waveform]
) -> Transcript | None:
    """Read what is known to be said in a clip's recording, or is recognised in it.

    Raises:
        InputError: naming the line that cannot be spoken.
    """
    from avgen.speech.recognition import recognise
    from avgen.stages.transcript import Transcript

    if source.recognised:
        heard = Text(recognise(sound().samples), source.where)
        with suppress(InputError):  # what cannot be spoken was not said
            return Transcript(read_text(heard, lexicons, voices), source.where, is_sure=False)
    if source.transcript is None:
        return None
    return Transcript(read_text(source.transcript, lexicons, voices), source.transcript.where)


def read_sound(source: Recording) -> Waveform:
    """Read a clip's recording.

    Raises:
        InputError: if it cannot be read, or is not the file any more that the clip was planned with.
    """
    from avgen.speech.audio import read_recording

    recording = read_recording(source.path, CHANNELS.index(source.channel) if source.channel else None)
    if sha256_file(source.path) != source.sha256:
        raise InputError(f"{source.path}: the recording was changed during the run. Run it again.")
    return recording


def read_partner_sound(partner: PartnerFile | None) -> Waveform | None:
    """Read what is heard of a clip's partner; None if there is nobody, or only to be seen.

    Raises:
        InputError: as `read_sound`.
    """
    from avgen.speech.audio import read_recording

    if partner is None or not partner.is_heard:
        return None
    sound = read_recording(partner.path, CHANNELS.index(partner.channel) if partner.channel else None)
    if hash_of(partner.path, partner.features) != partner.sha256:
        raise InputError(f"{partner.path}: the partner's file was changed during the run. Run it again.")
    return sound
