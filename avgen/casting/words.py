"""People from words: a woman of fifty with short grey hair; and chance for what nobody said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from avgen.casting.person import OLDEST, SEXES, YOUNGEST, Colour, HairLook, Person, Wear
from avgen.documents import unknown
from avgen.errors import InputError

ANCESTRIES: Final = {"african": "african", "asian": "asian", "european": "caucasian"}
"""What people say, and the mesh's name for it."""
BUILDS: Final = {
    "slim": {"averagemuscle-minweight": 0.7, "averagemuscle-averageweight": 0.3},
    "average": {"averagemuscle-averageweight": 1.0},
    "heavy": {"averagemuscle-maxweight": 0.6, "averagemuscle-averageweight": 0.4},
    "muscular": {"maxmuscle-averageweight": 0.7, "averagemuscle-averageweight": 0.3},
}
SKINS: Final[dict[str, Colour]] = {
    "fair": (0.66, 0.41, 0.30),
    "light": (0.60, 0.335, 0.225),
    "medium": (0.50, 0.285, 0.18),
    "olive": (0.44, 0.27, 0.155),
    "tan": (0.38, 0.20, 0.115),
    "brown": (0.28, 0.135, 0.075),
    "dark": (0.20, 0.09, 0.05),
}
EYES: Final[dict[str, Colour]] = {
    "dark": (0.050, 0.024, 0.012),
    "brown": (0.105, 0.053, 0.025),
    "hazel": (0.120, 0.085, 0.035),
    "green": (0.090, 0.110, 0.060),
    "blue": (0.075, 0.100, 0.140),
    "grey": (0.130, 0.140, 0.150),
}
HAIRS: Final[dict[str, HairLook]] = {
    "black": HairLook("", (0.055, 0.052, 0.052), melanin=0.97, redness=0.1),
    "dark": HairLook("", (0.082, 0.071, 0.067), melanin=0.88, redness=0.35),
    "brown": HairLook("", (0.130, 0.090, 0.065), melanin=0.70, redness=0.5),
    "red": HairLook("", (0.220, 0.095, 0.045), melanin=0.50, redness=1.0),
    "blond": HairLook("", (0.420, 0.310, 0.190), melanin=0.22, redness=0.5),
    "grey": HairLook("", (0.330, 0.330, 0.340), melanin=0.45, redness=0.1, grey=0.6),
    "white": HairLook("", (0.620, 0.610, 0.600), melanin=0.10, redness=0.1, grey=0.9),
}
"""Colours of hair; the style is said apart."""
WEARS: Final[dict[str, Colour]] = {
    "black": (0.010, 0.010, 0.011),
    "navy": (0.016, 0.025, 0.038),
    "blue": (0.035, 0.090, 0.240),
    "green": (0.035, 0.110, 0.060),
    "red": (0.300, 0.030, 0.030),
    "rust": (0.220, 0.060, 0.030),
    "grey": (0.180, 0.185, 0.190),
    "beige": (0.420, 0.340, 0.240),
    "white": (0.620, 0.610, 0.590),
}
DARKEST: Final = 0.004
"""Least albedo of anything: nothing is black."""
TYPICAL_SKINS: Final = {
    "african": ("brown", "dark"),
    "asian": ("light", "medium"),
    "european": ("fair", "light"),
}
"""Skins that people of one ancestry mostly have, from which chance takes one."""
PLEASANT: Final = {
    "woman": {
        "head/head-oval": 0.30,
        "head/head-fat-decr": 0.12,
        "neck/neck-scale-horiz-decr": 0.35,
        "chin/chin-width-decr": 0.2,
        "eyes/*-eye-scale-incr": 0.2,
        "nose/nose-scale-horiz-decr": 0.2,
    },
    "man": {
        "head/head-square": 0.2,
        "head/head-fat-decr": 0.15,
        "neck/neck-scale-horiz-decr": 0.15,
        "chin/chin-bones-incr": 0.1,
        "cheek/*-cheek-bones-incr": 0.2,
        "eyes/*-eye-scale-incr": 0.1,
    },
}
"""Features that most people who speak into cameras have; chance overrules them."""
LIP_TONES: Final = ((0.20, (1.10, 0.82, 1.20)), (0.60, (0.68, 0.38, 0.48)))
"""Lips in shares of the skin, at two levels of red; a man's lie nearer to his skin."""
MANS_LIPS: Final = 0.4
MACROS: Final = "macrodetails/"
"""How names of the targets of sex, age, ancestry and build begin."""
MACRO_YOUNG, MACRO_OLD = 25, 80
"""Ages of the mesh's young and old faces."""
SPREAD: Final = 0.15
"""Standard deviation of chance's weights of single features."""
MOST: Final = 0.45
ASYMMETRY: Final = 0.10
OPPOSITES: Final = (
    *(("incr", "decr"), ("up", "down"), ("forward", "backward"), ("in", "out"), ("convex", "concave")),
    ("compress", "uncompress"),
)
"""Ends of targets' names that pull one feature in two directions."""
USUAL_AGE: Final = 40
"""Of a body of which nobody says it."""
_OF_FIGURES: Final = ("like", "age", "ancestry", "build")
"""Words that describe a body."""
_FEATURES: Final = ("forehead", "cheek", "chin", "eyes", "nose", "mouth", "eyebrows", "ears")
_LEFT_ALONE: Final = ("trans", "epicanthus", "lobe", "flap", "wing", "laugh", "philtrum", "dimples", "rot")
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Words:
    """What a person asked for; nothing where chance decides.

    Attributes:
        like: woman or man.
        age: years.
        ancestry: a name in ANCESTRIES, or a mix such as `african:0.5,asian:0.5`.
        build: a name in BUILDS.
        skin: a name in SKINS, or `#rrggbb`.
        eyes: likewise.
        hair: `STYLE`, `STYLE:COLOUR` or `:COLOUR`.
        wear: a name in WEARS, or `#rrggbb`.
    """

    like: str = ""
    age: int | None = None
    ancestry: str = ""
    build: str = ""
    skin: str = ""
    eyes: str = ""
    hair: str = ""
    wear: str = ""

    def person(self, styles: Mapping[str, str], targets: Sequence[str], seed: int) -> Person:
        """Person that was asked for, the rest by chance.

        Args:
            styles: sex of the people whose hair there is, by its style.
            targets: names of the morph targets that there are.
            seed: of chance; the same words with another seed make somebody else.

        Raises:
            InputError: for an unknown word.
        """
        rng = np.random.default_rng(seed)
        sex = _named("like", self.like, SEXES) or str(rng.choice(SEXES))
        age = self.age if self.age is not None else int(rng.integers(23, 68))
        _checked_age(age)
        ancestry = _mix(self.ancestry or str(rng.choice(list(ANCESTRIES))))
        build = _named("build", self.build, BUILDS) or str(rng.choice(list(BUILDS), p=(0.3, 0.4, 0.2, 0.1)))
        main = max(ancestry, key=lambda name: ancestry[name])
        skin = _colour("skin", self.skin or str(rng.choice(TYPICAL_SKINS[main])), SKINS)
        usual_eyes = ("brown", "hazel", "blue", "grey", "green") if main == "european" else ("dark", "brown")
        shape = {**PLEASANT[sex], **features(targets, rng), **macros(sex, age, ancestry, build)}
        return Person(
            sex=sex,
            age=age,
            shape=shape,
            skin=skin,
            lips=lips_of(skin, sex),
            iris=_colour("eyes", self.eyes or str(rng.choice(usual_eyes)), EYES),
            hair=self._hair(styles, sex, age, main, rng),
            wear=Wear("crew", _colour("wear", self.wear or str(rng.choice(list(WEARS))), WEARS)),
        )

    def _hair(
        self, styles: Mapping[str, str], sex: str, age: int, ancestry: str, rng: np.random.Generator
    ) -> HairLook:
        style, _, colour = self.hair.partition(":")
        usual = [name for name, wearer in styles.items() if wearer == sex] or list(styles)
        style = _named("hair", style, styles) or str(rng.choice(usual))
        darks = ("black", "dark") if ancestry != "european" else ("dark", "brown", "blond", "red")
        chosen = "grey" if age > rng.integers(45, 75) else str(rng.choice(darks))
        look = HAIRS[_named("hair colour", colour, HAIRS) or chosen]
        return HairLook(style, look.colour, look.melanin, look.redness, look.grey)


def macros(sex: str, age: int, ancestry: Mapping[str, float], build: str) -> dict[str, float]:
    """Weights of the targets of sex, age, ancestry (shares) and build."""
    gender = "female" if sex == "woman" else "male"
    old = float(np.clip((age - MACRO_YOUNG) / (MACRO_OLD - MACRO_YOUNG), 0, 1))
    out = {}
    for period, share in (("young", 1 - old), ("old", old)):
        if share:
            for name, part in ancestry.items():
                out[f"{MACROS}{ANCESTRIES[name]}-{gender}-{period}"] = round(share * part, 4)
            for name, part in BUILDS[build].items():
                out[f"{MACROS}universal-{gender}-{period}-{name}"] = round(share * part, 4)
    return out


def figure_macros(words: Words) -> dict[str, float]:
    """Weights of the targets of a body that words describe; the usual ones where they say nothing.

    Raises:
        InputError: for an unknown word, without woman or man, or for more than a body's.
    """
    more = [name for name in words.__slots__ if name not in _OF_FIGURES and getattr(words, name)]
    if more:
        raise InputError(f"--{more[0]}: photographs show that already. Leave it out.")
    if not words.like:
        raise InputError("--age, --build and --ancestry are of a body here: add --like woman or --like man.")
    sex, build = _named("like", words.like, SEXES), _named("build", words.build, BUILDS) or "average"
    age = _checked_age(words.age if words.age is not None else USUAL_AGE)
    return macros(sex, age, _mix(words.ancestry or ",".join(ANCESTRIES)), build)


def _checked_age(age: int) -> int:
    if not YOUNGEST <= age <= OLDEST:
        raise InputError(f"age: expected {YOUNGEST} to {OLDEST} years, got {age}.")
    return age


def features(targets: Sequence[str], rng: np.random.Generator) -> dict[str, float]:
    """Weights of single features by chance: one of two opposites, both sides alike; and a little askew."""
    out = {}
    for name in targets:
        folder, _, stem = name.partition("/")
        if folder not in _FEATURES or stem.startswith("r-") or any(word in stem for word in _LEFT_ALONE):
            continue
        other = _opposite(stem)
        if other is None or f"{folder}/{other}" not in targets:
            continue
        weight = float(np.clip(rng.normal(0, SPREAD), -MOST, MOST))
        chosen = stem if weight > 0 else other
        chosen = "*" + chosen[1:] if chosen.startswith("l-") else chosen
        out[f"{folder}/{chosen}"] = round(abs(weight), 3)
    askew = [name for name in targets if name.startswith("asym/")]
    for name in rng.choice(askew, 5, replace=False):
        out[str(name)] = round(float(rng.uniform(0, ASYMMETRY)), 3)
    return out


def _opposite(stem: str) -> str | None:
    """Target that does the opposite of one that comes first of its pair."""
    for first, second in OPPOSITES:
        if stem.endswith("-" + first):
            return stem[: -len(first)] + second
    return None


def lips_of(skin: Colour, sex: str) -> Colour:
    """Usual colour of the lips of a skin."""
    (dark, dark_tone), (light, light_tone) = LIP_TONES
    share = float(np.clip((skin[0] - dark) / (light - dark), 0, 1))
    tone = (1 - share) * np.array(dark_tone) + share * np.array(light_tone)
    if sex == "man":
        tone = (1 - MANS_LIPS) * tone + MANS_LIPS * tone.mean()
    red, green, blue = (round(float(x), 4) for x in np.array(skin) * tone)
    return red, green, blue


def _named(what: str, word: str, known: Mapping[str, object] | Sequence[str]) -> str:
    if word and word not in known:
        raise InputError(f"{what}: {unknown('word', word, known)}")
    return word


def _mix(text: str) -> dict[str, float]:
    """Shares of ancestries."""
    expected = f"ancestry: expected a mix such as african:0.5,asian:0.5, got {text!r}."
    shares = {}
    for part in text.split(","):
        name, _, share = part.partition(":")
        _named("ancestry", name.strip(), ANCESTRIES)
        try:
            shares[name.strip()] = float(share or 1)
        except ValueError:
            raise InputError(expected) from None
    total = sum(shares.values())
    if min(shares.values()) < 0 or not 0 < total < float("inf"):
        raise InputError(expected)
    return {name: share / total for name, share in shares.items()}


def _colour(what: str, text: str, known: Mapping[str, Colour]) -> Colour:
    """Linear colour of a name or `#rrggbb`."""
    if not _HEX.fullmatch(text):
        return known[_named(what, text, known)]
    values = np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    red, green, blue = (round(max(float(x), DARKEST), 4) for x in linear)
    return red, green, blue
