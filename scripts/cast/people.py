"""The cast: people that avgen ships besides Mira, described in people.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from avgen.casting.person import Person
from avgen.documents import load_yaml
from scripts.cast.face import Face

PEOPLE = Path(__file__).parent / "people.yaml"


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast.

    Attributes:
        name: of the actor's folder.
        title: to show.
        description: one line.
        voice: that speaks for her or him.
        person: looks.
        face: what it does in its own way.
    """

    name: str
    title: str
    description: str
    voice: str
    person: Person
    face: Face = field(default_factory=Face)


@cache
def cast() -> dict[str, Member]:
    """Members by name.

    Raises:
        ActorError: a description is wrong.
    """
    members = {}
    for name, values in load_yaml(PEOPLE).items():
        person = Person.parse(values.pop("person"), f"{PEOPLE.name}: {name}")
        face = Face(**values.pop("face", {}))
        members[name] = Member(name=name, person=person, face=face, **values)
    return members
