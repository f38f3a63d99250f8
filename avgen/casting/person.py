"""A synthetic person: the shape of the head, colours of skin, lips, eyes, hair and clothes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from avgen.documents import check_keys, load_yaml
from avgen.errors import ActorError, AvgenError

Colour = tuple[float, float, float]

PERSON_FILE: Final = "person.yaml"
"""In the folder of a synthetic actor: what its maker knew of it."""
SEXES: Final = ("woman", "man")
YOUNGEST, OLDEST = 18, 90


@dataclass(frozen=True, slots=True)
class HairLook:
    """How hair looks.

    Attributes:
        style: name of a way to wear it.
        colour: linear light that it sends back in the studio, on average.
        melanin: pigment of its strands, 0 white to 1 black.
        redness: share of red pigment.
        grey: share of white strands.
    """

    style: str
    colour: Colour
    melanin: float
    redness: float = 0.0
    grey: float = 0.0


@dataclass(frozen=True, slots=True)
class Wear:
    """Clothes.

    Attributes:
        cut: name of a cut.
        colour: linear albedo.
    """

    cut: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is nobody: everything that a synthetic head is made from.

    Attributes:
        sex: one of SEXES.
        age: years.
        shape: weights of morph targets (avgen/casting/shapes.py) by name.
        skin: linear albedo of the cheek.
        lips: linear albedo of the lips.
        iris: linear albedo of the iris's middle.
        hair: of the head; brows have its colour.
        wear: clothes.
        beard: length and density of a beard in 0..1; 0 is shaved.
    """

    sex: str
    age: int
    shape: Mapping[str, float] = field(repr=False)
    skin: Colour
    lips: Colour
    iris: Colour
    hair: HairLook
    wear: Wear
    beard: float = 0.0

    @classmethod
    def parse(cls, values: Mapping[str, Any], where: str) -> Person:
        """Person of a mapping, as `as_dict` gives it.

        Raises:
            ActorError: naming what is missing, unknown or out of range.
        """
        try:
            check_keys(values, cls.__slots__, where)
            hair, wear = (dict(values[name]) for name in ("hair", "wear"))
            check_keys(hair, HairLook.__slots__, f"{where}: hair")
            check_keys(wear, Wear.__slots__, f"{where}: wear")
            colours = {name: _colour(values[name], f"{where}: {name}") for name in ("skin", "lips", "iris")}
            for name, look in (("hair", hair), ("wear", wear)):
                look["colour"] = _colour(look["colour"], f"{where}: {name}: colour")
            person = cls(**{**values, **colours, "hair": HairLook(**hair), "wear": Wear(**wear)})
        except KeyError as error:
            raise ActorError(f"{where}: missing: {error.args[0]}.") from None
        except (TypeError, ValueError) as error:
            raise ActorError(f"{where}: {error}") from None
        except AvgenError as error:
            raise ActorError(str(error)) from None
        if person.sex not in SEXES or not YOUNGEST <= person.age <= OLDEST:
            raise ActorError(f"{where}: expected sex {' or '.join(SEXES)}, age {YOUNGEST} to {OLDEST}.")
        return person

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a YAML file."""
        hair, wear = ({k: getattr(look, k) for k in look.__slots__} for look in (self.hair, self.wear))
        plain = {name: getattr(self, name) for name in self.__slots__}
        out: dict[str, Any] = _listed({**plain, "shape": dict(self.shape), "hair": hair, "wear": wear})
        return out


def read_person(folder: Path) -> Person:
    """Person that a synthetic actor in a folder is.

    Raises:
        ActorError: the actor is none, or its description is wrong.
    """
    file = folder / PERSON_FILE
    if not file.is_file():
        raise ActorError(f"{folder.name}: this actor has no {PERSON_FILE}: it is no synthetic person.")
    try:
        values = load_yaml(file)
    except AvgenError as error:
        raise ActorError(str(error)) from None
    return Person.parse(values, str(file))


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _colour(value: Any, where: str) -> Colour:
    """Check a linear colour."""
    numbers = tuple(value) if isinstance(value, list | tuple) else ()
    if len(numbers) != 3 or not all(isinstance(x, int | float) and 0 <= x <= 1 for x in numbers):
        raise ActorError(f"{where}: expected three numbers from 0 to 1, got {value!r}.")
    red, green, blue = map(float, numbers)
    return red, green, blue
