"""Numbers that are no amounts: what is dialled, typed, filed or spelled."""

from __future__ import annotations

import pytest

from avgen.text.normalise import read_plainly

IN_CONTEXT = {
    "Your code is 482913": "Your code is four eight two nine one three",
    "Your code is 482 913": "Your code is four eight two, nine one three",
    "Use code 4821": "Use code four eight two one",
    "card ending in 8876": "card ending in eight eight seven six",
    "The year ending in 2024": "The year ending in twenty twenty four",
    "Order 12345678": "Order one two three four five six seven eight",
    "order 5000 units, Order 66": "order five thousand units, Order sixty six",
    "In case 2000 people come": "In case two thousand people come",
    "case number 20240517": "case number two zero two four zero five one seven",
    "The number of visitors rose to 250000": "The number of visitors rose to two hundred fifty thousand",
    "ISBN: 9783161484100": "ISBN: nine seven eight three one six one four eight four one zero zero",
    "ISBN 0-306-40615-2": "ISBN zero, three zero six, four zero six one five, two",
    "PIN: 0042": "PIN: zero zero four two",
    "area code 212": "area code two one two",
    "error 404, HTTP 500": "error four oh four, HTTP five hundred",
    "confirmation code XK42P9": "confirmation code X.K four two P nine",
    "Text STOP to 40404": "Text STOP to four zero four zero four",
    "Dial *67, U+1F600": "Dial star sixty seven, U plus one F six zero zero",
    "+44 (0)20 7946 0958": "plus four four, zero, two zero, seven nine four six, zero nine five eight",
    "SSN 123-45-6789": "SSN one two three, four five, six seven eight nine",
    "90210 is a zip code": "nine zero two one zero is a zip code",
    "Washington, D.C. 20001": "Washington, D.C two zero zero zero one",
    "Springfield, Illinois 62704": "Springfield, Illinois six two seven zero four",
    "a 911 call, 411, 911 people": "a nine one one call, four one one, nine hundred eleven people",
    "Porsche 911": "Porsche nine hundred eleven",
    "12345678901": "one two three four five six seven eight nine zero one",
    "10000000000": "ten billion",
}
MODELS = {
    "x86-64": "X eighty six sixty four",
    "i7-12700K": "I seven twelve seven hundred K",
    "ISO-8859-1": "I.S.O eighty eight fifty nine one",
    "Llama-3-70B": "Llama three seventy B",
    "Boeing 747-400": "Boeing seven forty seven four hundred",
    "Case 21-1234": "Case two one, one two three four",
    "GPT-4-32k": "G.P.T four thirty two K",
    "COVID-19, K-12, F-35A": "COVID nineteen, K twelve, F thirty five A",
    "S01E05, S10E100": "S one E five, S ten E one hundred",
    "2FA, 4WD, C-3PO": "two F.A, four W.D, C three P.O",
    "Chapter 01, Episode 05, Step 10": "Chapter one, Episode five, Step ten",
    "Agent 007": "Agent zero zero seven",
    "Version v1.0, v2.1": "Version one point zero, version two point one",
    "3.0L V6": "three point zero liters V six",
    "Room 12-34, FY2023-24": "Room twelve thirty four, F.Y twenty twenty three to twenty four",
    "Q1-Q3, A to Z, A-Z": "Q one to Q three, A to Z, A to Z",
    "Nº 5, nº 7, N° 9": "Number five, number seven, Number nine",
    "1º, 2ª, 45º, 20 ºC": "first, second, forty five degrees, twenty degrees Celsius",
}
MACHINES = {
    "0x1F, 0xDEADBEEF": "zero x one F, zero x D.E.A.D.B.E.E.F",
    "0b1010": "zero b one zero one zero",
    "#FF5733, #5": "hash F.F five seven three three, number five",
    "550e8400-e29b-41d4-a716-446655440000": "five five zero E eight four zero zero, "
    "E two nine B, four one D four, "
    "A seven one six, four four six six five five four four zero zero zero zero",
    "a1b2c3d": "A one B two C three D",
    "localhost:8080/api": "localhost colon eighty eighty slash api",
    "127.0.0.1:8080": "one hundred twenty seven dot zero dot zero dot one colon eighty eighty",
    "fe80::1": "F.E eight zero colon colon one",
    "~/code": "tilde slash code",
    "*.py": "star dot P.Y",
}
FORMULAS = {
    "NaCl, H2SO4, C6H12O6": "N.A.C.L, H two S.O four, C six H twelve O six",
    "SO₄²⁻, Ca²⁺, NH₄⁺": "S.O four two minus, C.A two plus, N.H four plus",
    "NaN, PCs, CDs, CEOs": "NaN, PCs, CDs, CEOs",
}
LAW_AND_SCRIPTURE = {
    "a 401(k) plan": "a four oh one K plan",
    "a 501(c)(3) charity": "a five oh one C three charity",
    "Genesis 1:1-3": "Genesis one, one to three",
    "1 Corinthians 13:4-7": "First Corinthians thirteen, four to seven",
    "Rom. 8:28": "Romans eight, twenty eight",
    "Mark 5:30 pm": "Mark five thirty P.M",
}
LETTERS = {
    "AAA, IEEE, WWW, XXX, CCC": "A.A.A, I.E.E.E, W.W.W, X.X.X, C.C.C",
    "XXXL, CCCP, AAAS, www": "X.X.X.L, C.C.C.P, A.A.A.S, W.W.W",
    "NOOOO! YESSS, AAAH": "NO! YES, AH",
    "I, II, III": "one, two, three",
    "chapter iii, Scene iv, part i": "chapter three, Scene four, part one",
    "the part i like": "the part i like",
    "MMXXVI, World War II, WWII": "twenty twenty six, World War two, World War two",
    "8 oz., I think": "eight ounces, I think",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pair
        for table in (IN_CONTEXT, MODELS, MACHINES, FORMULAS, LAW_AND_SCRIPTURE, LETTERS)
        for pair in table.items()
    ],
)
def test_codes_are_read_sign_by_sign_where_they_are_codes(text: str, expected: str) -> None:
    assert read_plainly(text) == expected
