"""Dialogues as input: scripts whose lines begin with the name of who speaks.

cast: MIRA = mira
cast: KEN = ken, voice leo

MIRA: Did you see the results?
KEN: [nods] I did. They are
MIRA: [interrupts] good! [laughs]
KEN: [nods]

`cast:` lines stand first and seat people from left to right; whoever has none is the actor of that name in
small letters. Without any, a script is a dialogue if all its lines begin with a name in capitals and a colon,
and two names at least do. A line without a name goes on with what the one above it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from avgen.errors import InputError
from avgen.files import sha256_text
from avgen.inputs.names import is_id

PEOPLE: Final = (2, 4)
"""Least and greatest number of people."""
ROW_COLUMNS: Final = ("dialogue", "speaker", "text", "actor", "voice")
_NAME: Final = r"[^\W\d_][\w .'’-]{0,38}\w"
_LINE: Final = re.compile(rf"\s*({_NAME})\s*:(?![\d/])\s*(.*)")
_CAST: Final = re.compile(r"\s*cast\s*:(.*)", re.IGNORECASE)
_ACTOR: Final = r"[\w-]{1,64}"
_ROLE: Final = re.compile(rf"\s*({_NAME})\s*=\s*({_ACTOR})\s*(?:,\s*voice\s+(\S.*?)\s*)?")
NODS: Final = "avgen:nods"
"""Name of the mark in a script at which the head nods."""
AGREES: Final = "avgen:agrees"
"""Name of the mark, in no script, at which somebody who listens nods of their own accord."""
LAUGHS: Final = "avgen:laughs"
"""Name of the mark in a script before the word that is a laugh."""
LAUGH: Final = "(laughs)"
"""That word as subtitles have it."""
_INTERRUPTS: Final = re.compile(r"\s*(\[ ?interrupts ?\])\s*", re.IGNORECASE)
_NODS: Final = re.compile(r"\[ ?nods ?\]", re.IGNORECASE)
_LAUGHS: Final = re.compile(r"\[ ?laughs ?\]", re.IGNORECASE)
_LAUGHTER: Final = (
    f'[pause 0.1]<prosody rate="80%" pitch="+3st"><mark name="{LAUGHS}"/>[{LAUGH}](/hˈʌhʌhʌhʌ/)</prosody>'
    "[pause 0.15]"
)
"""How a laugh is spoken: four calls of about a fifth of a second, higher than speech (Bachorowski, Smoski and
Owren 2001, J. Acoust. Soc. Am. 110:1581, count 3.4 calls a laugh and 4.4 a second)."""
_EXAMPLE: Final = "cast: KEN = ken, voice leo"


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody who takes part.

    Attributes:
        name: as the script spells it in its cast, or where it first occurs.
        actor: name of the actor.
        voice: one of the actor's voices, or a mix; empty for the actor's own.
        line: of the script that says so.
    """

    name: str
    actor: str
    voice: str
    line: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of them says until another one does.

    Attributes:
        speaker: name of the role.
        text: with the marks of a script.
        line: of the script on which it starts, from 1.
        interrupts: whether it begins before the turn above it ends.
    """

    speaker: str
    text: str
    line: int
    interrupts: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether there is a nod and nothing to hear, while somebody else may go on."""
        return not _NODS.sub("", self.text).strip()

    @property
    def script(self) -> str:
        """The text as any script has it, nods as marks and laughs as words."""
        return _LAUGHS.sub(_LAUGHTER, _NODS.sub(f'<mark name="{NODS}"/>', self.text))


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Who talks to whom, and what they say.

    Attributes:
        id: of the dialogue, which those of its clips begin with.
        roles: who takes part, from left to right.
        turns: in order.
        where: it came from, for messages.
    """

    id: str
    roles: tuple[Role, ...]
    turns: tuple[Turn, ...]
    where: str

    def __post_init__(self) -> None:
        least, most = PEOPLE
        first = min([*(role.line for role in self.roles), *(turn.line for turn in self.turns)], default=1)
        if not least <= len(self.roles) <= most:
            raise InputError(
                f"{self.where}: line {first}: a dialogue has {least} to {most} people, "
                f"and this one has {len(self.roles)}."
            )
        speaking = {turn.speaker for turn in self.turns if not turn.is_silent}
        for role in self.roles:
            if role.name not in speaking:
                raise InputError(
                    f"{self.where}: line {role.line}: {role.name} is in the cast and says nothing."
                )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the roles, from left to right."""
        return tuple(role.name for role in self.roles)

    @property
    def text(self) -> str:
        """All that is said, and by whom."""
        return "\n".join(f"{turn.speaker}: {turn.text}" for turn in self.turns)

    def digest(self, what: str) -> str:
        """Hash of what is said and by whom, and of what of it a clip shows."""
        said = [[turn.speaker, turn.text.strip(), turn.interrupts] for turn in self.turns]
        return sha256_text(json.dumps([what, self.names, said]))


def is_dialogue(text: str) -> bool:
    """Tell whether a script is a dialogue."""
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and _CAST.fullmatch(lines[0]):
        return True
    found = [_LINE.fullmatch(line) for line in lines]
    names = {match[1] for match in found if match and match[1].isupper()}
    return len(names) > 1 and all(match and match[1].isupper() for match in found)


def read_dialogue(name: str, text: str, where: str, first_line: int = 1) -> Dialogue:
    """Read a script for which `is_dialogue` is true.

    Args:
        name: id of the dialogue.
        text: the script; lines end in a line feed alone.
        where: it came from, for messages.
        first_line: line of `where` on which it starts.

    Raises:
        InputError: naming the line that is wrong.
    """
    cast: list[Role] = []
    turns: list[tuple[str, int, list[str]]] = []
    known: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=first_line):
        if match := _CAST.fullmatch(line):
            if turns:
                raise InputError(
                    f"{where}: line {number}: the cast stands before the first line that is spoken."
                )
            cast.append(_role(match[1], where, number))
            known = {role.name.casefold(): role.name for role in cast}
        elif (match := _LINE.fullmatch(line)) and (match[1].isupper() or match[1].casefold() in known):
            speaker = known.setdefault(match[1].casefold(), match[1])
            turns.append((speaker, number, [match[2]]))
        elif turns:
            turns[-1][2].append(line)
        elif line.strip():
            raise InputError(
                f"{where}: line {number}: expected a name and a colon, got {line.strip()[:40]!r}."
            )
    read = tuple(turn(speaker, "\n".join(lines), where, line) for speaker, line, lines in turns)
    return Dialogue(name, complete(cast, read, where), read, where)


def read_rows(rows: Iterable[tuple[int, Mapping[str, str]]], source: str) -> list[Dialogue]:
    """Read the rows of a manifest with the columns ROW_COLUMNS: one turn each, of several dialogues.

    Args:
        rows: line, and cells by column, of each.
        source: their file, for messages.

    Raises:
        InputError: naming the line that is wrong.
    """
    turns: dict[str, list[Turn]] = {}
    cast: dict[str, list[Role]] = {}
    spelled: dict[tuple[str, str], str] = {}
    for line, cells in rows:
        where = f"{source}: line {line}"
        if missing := [name for name in ("dialogue", "speaker", "text") if name not in cells]:
            raise InputError(f"{where}: expected a {missing[0]} in each row of a dialogue.")
        if other := sorted(set(cells) - set(ROW_COLUMNS)):
            raise InputError(f"{where}: {other[0]}: rows of dialogues have only {', '.join(ROW_COLUMNS)}.")
        name = cells["dialogue"]
        speaker = spelled.setdefault((name, cells["speaker"].casefold()), cells["speaker"])
        for key, pattern in (("speaker", _NAME), ("actor", _ACTOR)):
            if key in cells and not re.fullmatch(pattern, cells[key]):
                raise InputError(f"{where}: {key}: expected a name, got {cells[key][:60]!r}.")
        if not is_id(name):
            raise InputError(f"{where}: dialogue: expected a name such as talk-1, got {name[:60]!r}.")
        turns.setdefault(name, []).append(turn(speaker, cells["text"], source, line))
        if {"actor", "voice"} & cells.keys():
            actor = cells.get("actor", _own_actor(speaker))
            cast.setdefault(name, []).append(Role(speaker, actor, cells.get("voice", ""), line))
    return [
        Dialogue(name, complete(cast.get(name, ()), said, source), tuple(said), source)
        for name, said in turns.items()
    ]


def turn(speaker: str, text: str, where: str, line: int) -> Turn:
    """Read what somebody says, less the mark of an interruption before it.

    Raises:
        InputError: if it is nothing, or the mark of an interruption stands inside it.
    """
    said = _INTERRUPTS.match(text)
    spoken = text[said.end() :] if said else text
    if not spoken.strip():
        raise InputError(f"{where}: line {line}: {speaker} says nothing. Write something after the colon.")
    if late := _INTERRUPTS.search(spoken):
        at = line + text.count("\n", 0, len(text) - len(spoken) + late.start(1))
        raise InputError(f"{where}: line {at}: {late[1]} stands right after the colon.")
    return Turn(speaker, spoken.rstrip(), line, bool(said))


def complete(cast: Iterable[Role], turns: Sequence[Turn], where: str) -> tuple[Role, ...]:
    """Return the cast, and after it those who speak without being in it: actors of their own names.

    Raises:
        InputError: if a name stands twice in the cast, as different people.
    """
    roles: dict[str, Role] = {}
    for role in cast:
        first = roles.setdefault(role.name.casefold(), role)
        if (first.actor, first.voice) != (role.actor, role.voice):
            raise InputError(f"{where}: line {role.line}: {role.name} is somebody else in line {first.line}.")
    for one in turns:
        roles.setdefault(one.speaker.casefold(), Role(one.speaker, _own_actor(one.speaker), "", one.line))
    return tuple(roles.values())


def _own_actor(name: str) -> str:
    """Name of the actor who plays a role without being said to."""
    return re.sub(r"[^\w-]+", "-", name.lower())


def _role(text: str, where: str, line: int) -> Role:
    match = _ROLE.fullmatch(text)
    if match is None:
        raise InputError(
            f"{where}: line {line}: expected a name, its actor and perhaps a voice, such as {_EXAMPLE!r}."
        )
    return Role(match[1], match[2], match[3] or "", line)
