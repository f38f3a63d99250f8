"""Units, angles, fractions, mathematics; the work that a long line costs."""

from __future__ import annotations

import random
import time

import pytest

from avgen.text.letters import UnspeakableError, fold
from avgen.text.normalise import normalise, read_plainly
from avgen.text.readings import SYMBOLS

UNITS = {
    "price per kWh, in GHz, a few kg": "price per kilowatt hour, in gigahertz, a few kilograms",
    "in m/s, $/kWh, in °C": "in meters per second, dollars per kilowatt hour, in degrees Celsius",
    "5 kwh, 12KG, 100 MPH": "five kilowatt hours, twelve kilograms, one hundred miles per hour",
    "5 million kg, 2 billion L": "five million kilograms, two billion liters",
    "120 mg/dL": "one hundred twenty milligrams per deciliter",
    "120/80 mmHg": "one hundred twenty over eighty millimeters of mercury",
    "5 mg/kg/day": "five milligrams per kilogram per day",
    "20 m2, 1.2 kg/m³": "twenty square meters, one point two kilograms per meter cubed",
    "2x/day, 1x/day, 3x daily": "twice a day, once a day, three times daily",
    "1,5 kg, 1,5%, 1,2,5 kg": "one point five kilograms, one point five percent, one, two, five kilograms",
    'a 12", screen, 30″ TV': "a twelve inch, screen, thirty inch TV",
    "10' x 12', 5', 8' ceiling": "ten feet by twelve feet, five feet, eight foot ceiling",
    '12" x 10", he said "I am 12" and left': "twelve inches by ten inches, he said I am twelve and left",
    "100m dash, a 90° angle": "one hundred meter dash, a ninety degree angle",
}
ANGLES = {
    "40°26'46\"N": "forty degrees twenty six minutes forty six seconds north",
    "74.5° W, 45° N": "seventy four point five degrees west, forty five degrees north",
    "40°26′": "forty degrees twenty six minutes",
}
FRACTIONS = {
    "½ + ¼ = ¾": "one half plus one quarter equals three quarters",
    "-½, 2 ½": "minus one half, two and a half",
    "2/3rds, 4.5/5": "two thirds, four point five out of five",
    "24/7/365": "twenty four seven three sixty five",
}
MATHEMATICS = {
    "UTC-5, GMT+05:30": "U.T.C minus five, GMT plus five thirty",
    "n-1, k-1, (n-1)/2": "N minus one, K minus one, N minus one over two",
    "y=-x, i - 1, -x": "y equals minus x, i minus one, minus x",
    "x = 2x - 3": "x equals two x minus three",
    "2x² - 5x + 3 = 0": "two x squared minus five x plus three equals zero",
    "a-b=c, 1-p": "A minus b equals c, one minus p",
    "6.02×10^23": "six point zero two times ten to the power of twenty three",
    "2×3=6, 512x512": "two times three equals six, five hundred twelve by five hundred twelve",
    "2**3, x^n, 10^-3": "two to the power of three, x to the power of n, ten to the power of minus three",
    "∛8, f(x), sin(x)": "the cube root of eight, f of x, sine of x",
    "x ∈ S, A ∪ B, ¬p, ∀x, a ∝ b": "x in S, A union B, not p, for all x, A is proportional to b",
    "a ≺ b, ⋈": "a precedes b, bowtie",
    "πr², 2π, α-helix": "pi r squared, two pi, alpha-helix",
    "n! = 6, x <= 3, x >= 3": "n factorial equals six, x at most three, x at least three",
    "~10, ~ten, a ~ b": "about ten, about ten, a tilde b",
    "3 · 4, *args, B♭, C♯": "three times four, star args, B flat, C sharp",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [pair for table in (UNITS, ANGLES, FRACTIONS, MATHEMATICS) for pair in table.items()],
)
def test_measures_and_formulas_are_read_as_a_person_would(text: str, expected: str) -> None:
    assert read_plainly(text) == expected


SILENT = {"∙", "℮", "®", "™", "•", "·", "*", "_", "~", "^"}


@pytest.mark.parametrize("sign", sorted({*SYMBOLS, *"₠₳⨁⟂", *map(chr, range(0x2200, 0x2300))} - SILENT))
def test_no_sign_is_dropped_between_words(sign: str) -> None:
    assert len(read_plainly(f"apple {sign} pear")) > len("apple pear")


def test_greek_words_are_refused_and_single_letters_are_named() -> None:
    assert fold("λ") == "lambda"
    with pytest.raises(UnspeakableError, match="Greek letters"):
        fold("λόγος")


_ATOMS = [
    *"0123456789$€₹%°'\"-–.,:;/()+=*^~_#@xXeEvVsSkKmMBIiaApP½²⁻√×π ",
    *(
        "kg",
        "th",
        "Jan",
        "Mon",
        "am",
        "000",
        "1,000",
        "code ",
        "No. ",
        "Genesis ",
        "EUR",
        "million ",
        "crore",
        "UTC",
    ),
    *("0x", "NaCl", "ii", "XIV", "MMX", "°C", "mg/dL", "1/2", "40s", "401(k)", "ending in ", "S01"),
]


@pytest.mark.parametrize("seed", range(4))
def test_no_mixture_of_signs_is_an_internal_error(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(500):
        read_plainly("".join(draw.choices(_ATOMS, k=draw.randint(1, 12))))


def test_a_sentence_without_end_is_read_whole_and_in_order() -> None:
    words = [f"{number}," for number in range(4000)]
    readings = normalise(words)
    assert [reading.start for reading in readings] == list(range(4000))
    assert readings[3999].text == "three thousand nine hundred ninety nine,"


def _work(text: str) -> float:
    start = time.process_time()
    normalise(text.split())
    return time.process_time() - start


@pytest.mark.parametrize(
    "unit",
    [
        "_a",
        "1_",
        "1-",
        "1,",
        "1½",
        "°C",
        "H2",
        "x1",
        "1 - ",
        "1'",
        '1" ',
        "=",
        "US$",
        "a.",
        "1kg - ",
        "(",
        "$1-",
        "Mon/",
    ],
)
def test_a_long_line_costs_its_length_and_not_its_square(unit: str) -> None:
    _work(unit * 10)
    short, long = (_work((unit * size)[:size]) for size in (2_000, 16_000))
    assert long < 30 * short + 0.3  # 8 times the length; its square would be 64 times the work
