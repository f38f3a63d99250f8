"""People from words."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.casting.making import fitting_voice
from avgen.casting.person import Person, read_person
from avgen.casting.shapes import load_shapes
from avgen.casting.words import SKINS, Words, lips_of
from avgen.errors import ActorError, InputError

STYLES = {"bun": "woman", "short": "man"}


def person(seed: int = 0, **words: object) -> Person:
    return Words(**words).person(STYLES, load_shapes().targets.names, seed)  # type: ignore[arg-type]


def test_what_is_said_holds_whatever_chance_does() -> None:
    said = dict(like="man", age=50, ancestry="asian", build="heavy", skin="tan", eyes="green", wear="#336699")
    for seed in range(3):
        made = person(seed, hair="short:grey", **said)
        assert (made.sex, made.age, made.skin, made.hair.style) == ("man", 50, SKINS["tan"], "short")
        assert made.shape["macrodetails/asian-male-young"] + made.shape["macrodetails/asian-male-old"] == 1
        assert not [name for name in made.shape if "female" in name or "african" in name]
        assert np.allclose(made.wear.colour, (0.0331, 0.1329, 0.3185), atol=1e-4)  # sRGB decoded
        assert made.hair.grey > 0.5


def test_nothing_is_black() -> None:
    assert min(person(0, wear="#000000").wear.colour) > 0


def test_chance_follows_the_seed_and_makes_different_people() -> None:
    assert person(1) == person(1)
    one, other = person(1, like="woman", age=30), person(2, like="woman", age=30)
    space = load_shapes()
    apart = np.abs(space.vertices(one.shape) - space.vertices(other.shape))[space.groups["skin"]].max()
    assert apart > 0.02  # decimetres
    assert {person(seed).sex for seed in range(8)} == {"woman", "man"}


def test_a_mix_of_ancestries_is_shared_out() -> None:
    made = person(0, like="woman", age=25, ancestry="african:3,european:1")
    assert made.shape["macrodetails/african-female-young"] == 0.75
    assert made.shape["macrodetails/caucasian-female-young"] == 0.25


def test_the_old_have_old_faces() -> None:
    young, old = (person(0, like="man", age=age, ancestry="asian").shape for age in (25, 80))
    assert "macrodetails/asian-male-old" not in young and old["macrodetails/asian-male-old"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"like": "girl"}, "like: unknown word 'girl'. Known: woman, man."),
        ({"age": 12}, "age: expected 18 to 90 years, got 12."),
        ({"ancestry": "asian:x"}, "ancestry: expected a mix such as african:0.5,asian:0.5, got 'asian:x'."),
        ({"ancestry": "asian:0"}, "ancestry: expected a mix such as"),
        ({"ancestry": "asain"}, "ancestry: unknown word 'asain'. Did you mean 'asian'?"),
        ({"hair": "mohawk"}, "hair: unknown word 'mohawk'. Known: bun, short."),
        ({"hair": "bun:gray"}, "hair colour: unknown word 'gray'. Did you mean 'grey'?"),
        ({"skin": "#12345"}, "skin: unknown word '#12345'."),
        ({"build": "tall"}, "build: unknown word 'tall'."),
    ],
)
def test_unknown_words_are_named(words: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as error:
        person(0, **words)
    assert str(error.value).startswith(message)


def test_lips_are_redder_than_the_skin_and_a_mans_less() -> None:
    for skin in SKINS.values():
        woman, man = lips_of(skin, "woman"), lips_of(skin, "man")
        assert woman[0] / woman[1] > skin[0] / skin[1]
        assert man[0] / man[1] < woman[0] / woman[1]


def test_a_voice_fits_sex_and_age() -> None:
    voices = find_actor("mira").voices
    assert "young woman" in voices[fitting_voice(voices, "woman", 25)].description
    assert "older man" in voices[fitting_voice(voices, "man", 70)].description
    assert "a man" in voices[fitting_voice(voices, "man", 40)].description


def test_a_person_is_read_as_it_was_written() -> None:
    made = person(3)
    assert Person.parse(made.as_dict(), "x") == made
    mira = read_person(find_actor("mira").folder)
    assert (mira.sex, mira.hair.style) == ("woman", "bun")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"skin": [1, 2]}, "x: skin: expected three numbers from 0 to 1, got [1, 2]."),
        ({"colour": 3}, "x: unknown key 'colour'."),
        ({"sex": "other"}, "x: expected sex woman or man, age 18 to 90."),
        ({"hair": None}, "x: missing: hair."),
        ({"wear": {"cut": "crew"}}, "x: missing: colour."),
    ],
)
def test_mistakes_in_a_person_are_named(changes: dict[str, object], message: str) -> None:
    values = {key: value for key, value in {**person(3).as_dict(), **changes}.items() if value is not None}
    with pytest.raises(ActorError) as error:
        Person.parse(values, "x")
    assert str(error.value).startswith(message)
