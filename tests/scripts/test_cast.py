"""The cast: what is said of its people, and the actors that they became."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.actors.actor import THUMBNAIL_FILE, Actor, actor_folders, check_files, read_actor
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.head import METRES
from avgen.casting.person import read_person
from avgen.casting.shapes import load_shapes
from scripts.cast.people import cast

NAMES = sorted(cast())
LARGEST, LARGEST_THUMBNAIL = 10e6, 60_000


@pytest.fixture(scope="module", params=NAMES)
def actor(request: pytest.FixtureRequest) -> Actor:
    return read_actor(actor_folders()[request.param])


def test_there_are_six_women_and_men_of_different_looks() -> None:
    people = [member.person for member in cast().values()]
    assert len(people) == 6
    assert {person.sex for person in people} == {"woman", "man"}
    assert len({person.hair.style for person in people}) == 6
    assert len({person.wear.cut for person in people}) >= 4
    assert min(person.age for person in people) == 25
    assert max(person.age for person in people) == 65


@pytest.mark.parametrize("name", NAMES)
def test_shapes_are_of_targets_that_there_are(name: str) -> None:
    load_shapes().check(cast()[name].person.shape)


def test_files_are_whole_and_small(actor: Actor) -> None:
    check_files(actor)
    assert actor.components["avatar"].file.stat().st_size < LARGEST
    assert 0 < (actor.folder / THUMBNAIL_FILE).stat().st_size < LARGEST_THUMBNAIL


def test_an_actor_is_the_person_described(actor: Actor) -> None:
    member, person = cast()[actor.name], read_person(actor.folder)
    assert actor.voice == member.voice
    assert (person.sex, person.age, person.wear) == (
        member.person.sex,
        member.person.age,
        member.person.wear,
    )
    assert dict(person.shape) == dict(member.person.shape)


def test_an_avatar_has_the_head_of_its_person(actor: Actor) -> None:
    space = load_shapes()
    head = cast()[actor.name].face.of(space).head(read_person(actor.folder).shape)
    tensors, _ = read_tensors(actor.components["avatar"].file)
    on_neck = space.groups["skin"]
    skin = tensors["mesh.rest"][: len(on_neck)]
    away = np.linalg.norm(skin - head.limit(head.rest)[on_neck] * METRES, axis=1)
    assert np.median(away) < 1e-6


def test_nobody_speaks_with_the_voice_of_another() -> None:
    voices = [member.voice for member in cast().values()]
    assert len(set(voices)) == len(voices)
