"""Rules for numbers that are no amounts: telephones, codes, models, addresses of machines, formulas."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.letters import spell, spell_mixed
from avgen.text.numerals import code
from avgen.text.patterns import DASH, Rules, after, alternatives, before
from avgen.text.phonemes import is_word
from avgen.text.readings import BIBLE, BIBLE_CUTS, NUMBERED, STATES

_FAR = 70
_SURE = (
    r"codes?|pin|pins|digits|passcode|password|otp|isbn(?:-1[03])?|issn|imei|ssn|social security|zip|"
    r"postcode|area code|phone|telephone|tel|fax|cell|mobile|extension|ext|tracking|confirmation|routing|"
    r"serial|iban|vin|upc|ean|barcode|(?:ending|ends) (?:in|with)|last (?:four|4|three|3|two|2)(?: digits)?"
)
_LIKELY = (
    r"orders?|invoice|ticket|case|account|acct|a/c|reference|ref|policy|membership|member|customer|booking|"
    r"reservation|badge|employee|student|patient|claim|docket|transaction|receipt|part|sku|id|card|license|"
    r"licence|permit|passport|batch|registration|doi|pmid|contract|locker|combination|part|file|model|user|"
    r"dial|call|text|text \w+ to"
)
_LINK = (
    r"(?:[ -](?:number|no\.?|num|nr\.?|id|code|key|pin|reference))*s?"
    r"(?:[:=]| (?:is|was|are|of|reads|=|-|—|now|me at|us at|at|on))*[ ]?[#\"“'(]?"
)
_AFTER_SURE = re.compile(rf"(?<![A-Za-z])(?:{_SURE}){_LINK}$", re.IGNORECASE)
_AFTER_LIKELY = re.compile(rf"(?<![A-Za-z])(?:{_LIKELY}){_LINK}$", re.IGNORECASE)
_AFTER_NUMBERED = re.compile(
    rf"(?<![A-Za-z])(?:{_LIKELY})s? ?(?:number|no\.?|num|id|#|:).{{0,6}}$", re.IGNORECASE
)
_FAR_CODE = re.compile(
    r"\b(?:code|pin|passcode|password|otp)\b[^.!?;:\d]{0,40}$|\bnumber(?: is| was|:)? $", re.IGNORECASE
)
_YEARLY = re.compile(
    r"\b(?:years?|period|season|decade|war|era|term|fiscal|quarter)\b[^.!?]{0,40}$", re.IGNORECASE
)
_IS_CODE = re.compile(
    r" (?:is|was) (?:a|an|the|my|your|our|his|her|their) (?:\w+ ){0,2}(?:code|pin|zip|zipcode|postcode|"
    r"passcode|password|extension)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r" (?!(?:was|is|has|as|does|plus|this|us|its|his)\b)(?:[a-z]+s|people|men|women|children)\b"
)
_IN_STATE = re.compile(rf"(?:\b[A-Z]{{2}}|[A-Z]\.[A-Z]\.|\b(?:{'|'.join(STATES)})),? $")
_CALLED_BY_NUMBER = re.compile(
    r"\b(?:[Rr]oom|Route|Suite|Highway|Flight|Boeing|Airbus|[Ee]rror|HTTP|[Ss]tatus) $"
)
_PADDED_AFTER = re.compile(rf"\b(?:{'|'.join(NUMBERED)}|Vol\.|No\.|Ep\.|Ch\.) $|#$", re.IGNORECASE)
_EMERGENCY = re.compile(
    r"\b(?:call|dial|dialed|called|calling|dialing|text|the|a|emergency) $", re.IGNORECASE
)
_ELEMENTS = (
    "He|Li|Be|Ne|Na|Mg|Al|Si|Cl|Ar|Ca|Sc|Ti|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|As|Se|Br|Kr|Rb|Sr|Zr|Nb|Mo|Ag|Cd|Sn|Sb|"
    "Te|Xe|Cs|Ba|Pt|Au|Hg|Pb|Bi|H|B|C|N|O|F|P|S|K|V|I|W|U"
)
_METALS = "Na|Li|Ca|Mg|Ag|Zn|Cu|Fe|Al|Ba|Pb|K|H|Si|Ti|Mn|Ni|Co|Sr|Rb|Cs|Hg|Sn|Cd|Ga|In"
_ANIONS = "Cl|Br|F|I|OH|O|S|N|CN|P|As|Se|Te|HCO|CO|NO|SO|PO"


def _telephone(match: re.Match[str]) -> str | None:
    groups = re.findall(r"\d+", match[0])
    if sum(map(len, groups)) < 7:
        return None
    plus = "plus " if match[0].startswith("+") else ""
    return plus + ", ".join(numerals.digits(group) for group in groups)


def _grouped(match: re.Match[str]) -> str:
    """Groups of digits; each is a number where all are short, as in "4-8-15"."""
    groups = match[0].split("-")
    short = all(len(group) < 3 and (group == "0" or group[0] != "0") for group in groups)
    return ", ".join(map(numerals.cardinal if short else numerals.digits, groups))


def _digits(match: re.Match[str]) -> str:
    return numerals.digits(match[0])


def _in_context(match: re.Match[str]) -> str | None:
    """Digits one by one where the words before or after say that they are a code."""
    left, right = before(match, _FAR), after(match, 40)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", match[0]):
        return None
    size = sum(c.isdigit() for c in match[0])
    counted = _COUNTED.match(right)
    year = numerals.is_year(match[0])
    sure = _AFTER_SURE.search(left)
    if sure and not (year and _YEARLY.search(left)) and not (counted and size < 5):
        return _groups(match[0]) if size > 3 or _is_dialled(sure[0]) else code(match[0])
    if size > 3 and _AFTER_LIKELY.search(left) and not counted:
        return None if year and not _AFTER_NUMBERED.search(left) else _groups(match[0])
    if (size > 5 or match[0][0] == "0") and _FAR_CODE.search(left) and not counted:
        return _groups(match[0])
    return _groups(match[0]) if size > 3 and _IS_CODE.match(right) else None


def _is_dialled(words: str) -> bool:
    """Tell whether even two or three digits are said one by one after these words."""
    return not re.match(r"codes?\b", words, re.IGNORECASE)


def _groups(text: str) -> str:
    pieces = re.findall(r"\d+|X", text)
    return ", ".join(piece if piece == "X" else numerals.digits(piece) for piece in pieces)


def _mixed_in_context(match: re.Match[str]) -> str | None:
    """Letters and digits one by one after a word like "code": "XK42P9"."""
    left = before(match, _FAR)
    if not (
        _AFTER_SURE.search(left)
        or _AFTER_NUMBERED.search(left)
        or (len(match[0]) > 5 and _AFTER_LIKELY.search(left))
    ):
        return None
    return ", ".join(map(spell_mixed, match[0].split("-")))


def _postal(match: re.Match[str]) -> str | None:
    if not _IN_STATE.search(before(match, 30)) or _COUNTED.match(after(match)):
        return None
    return ", ".join(map(numerals.digits, match[0].split("-")))


def _short_number(match: re.Match[str]) -> str | None:
    """Numbers that everybody dials."""
    if match[0] in ("112", "999", "211", "311", "511", "811") and not _EMERGENCY.search(before(match)):
        return None
    if re.search(r"[Pp]orsche $|page $|[Rr]oom $|[\d.,:/-]$", before(match)) or _COUNTED.match(after(match)):
        return None
    return numerals.digits(match[0])


def _episode(match: re.Match[str]) -> str:
    return f"S {numerals.cardinal(match[1].lstrip('0'))} E {numerals.cardinal(match[2].lstrip('0'))}"


def _hexadecimal(match: re.Match[str]) -> str:
    return f"zero {match[1].lower()} {spell_mixed(match[2])}"


def _character(match: re.Match[str]) -> str:
    """A place in Unicode: "U+1F600"."""
    return f"U plus {spell_mixed(match[1])}"


def _groups_of_letters(match: re.Match[str]) -> str:
    return ", ".join(spell_mixed(group) for group in re.split("[-:]", match[0]))


def _internet_address(match: re.Match[str]) -> str | None:
    if not re.search("[a-f]|::", match[0]) or not re.search(r"\d", match[0]):
        return None
    return " colon ".join(spell_mixed(group) for group in match[0].split(":"))


def _port(match: re.Match[str]) -> str:
    host = " dot ".join(map(numerals.cardinal, match[1].split(".")))
    return f"{host} colon {code(match[2])}"


def _colour(match: re.Match[str]) -> str:
    return f"hash {spell_mixed(match[1])}"


def _section(match: re.Match[str]) -> str:
    """A paragraph of a law: "401(k)", "501(c)(3)"."""
    parts = re.findall(r"\(([^)]*)\)", match[2])
    return " ".join([code(match[1]), *map(spell_mixed, parts)])


def _of_a_thing(match: re.Match[str]) -> str | None:
    return code(match[0]) if _CALLED_BY_NUMBER.search(before(match)) else None


def _padded(match: re.Match[str]) -> str | None:
    if not _PADDED_AFTER.search(before(match)):
        return None
    return numerals.cardinal(match[0].lstrip("0") or "0")


def _letters_after_digits(match: re.Match[str]) -> str | None:
    """Letters that stand right after digits are spelled: "2FA", "4WD"."""
    letters = match[0]
    if len(letters) > 2 and is_word(letters.lower()) and re.search("[AEIOU]", letters):
        return None
    return spell(letters)


def _formula(match: re.Match[str]) -> str | None:
    """A chemical formula, letter by letter: "NaCl" as "N A C L"."""
    text = match[0]
    if text.isalpha() and is_word(text):
        return None
    pieces = re.findall(r"[A-Za-z]+|\d+", text)
    return " ".join(code(piece) if piece.isdigit() else spell(piece) for piece in pieces)


def _verse(match: re.Match[str]) -> str | list[str]:
    rank, book, chapter, verse, last = match.groups()
    name = BIBLE_CUTS.get(book.rstrip("."), book)
    words = f"{numerals.cardinal(chapter)}, {numerals.cardinal(verse)}"
    words += f" to {numerals.cardinal(last)}" if last else ""
    head = [numerals.ordinal(rank.strip()).capitalize()] if rank else []
    return [*head, *name.split(), words]


_BOOK = rf"{alternatives(BIBLE)}|(?:{alternatives(BIBLE_CUTS)})\.?"
_HEX = "[0-9A-Fa-f]"
CODE_RULES: Final[Rules] = (
    (rf"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}(?!\w)", _groups_of_letters),
    (rf"(?<![\w:])(?:{_HEX}{{2}}[:-]){{5}}{_HEX}{{2}}(?![\w:])", _groups_of_letters),
    (rf"(?<![\w:.]){_HEX}{{0,4}}(?::{_HEX}{{0,4}}){{2,7}}(?![\w:])", _internet_address),
    (r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})(?!\w)", _port),
    (rf"(?<!\w)0([xX])({_HEX}{{1,128}})(?!\w)", _hexadecimal),
    (rf"(?<!\w)U\+({_HEX}{{4,6}})(?!\w)", _character),
    (r"(?<!\w)0([bo])([01]{2,128}|[0-7]{1,128})(?!\w)", _hexadecimal),
    (rf"(?<!\w)#(?=[A-Fa-f]{{0,5}}\d)({_HEX}{{6}})(?!\w)", _colour),
    (
        r"(?<![\w-])(?!\d{1,64}e\d{1,64}(?!\w))(?=[a-f]{0,64}\d)(?=\d{0,64}[a-f])[0-9a-f]{7,64}(?![\w-])",
        lambda match: spell_mixed(match[0]),
    ),
    (r"(?<!\w)S(\d{1,2})E(\d{1,3})(?!\w)", _episode),
    (r"(?<!\w)(\d{1,4})((?:\([A-Za-z\d]{1,3}\)){1,5})", _section),
    (
        rf"(?<![\w])(?:([123] )(?=(?:{_BOOK}) \d))?({_BOOK}) (\d{{1,3}}):(\d{{1,3}})(?:{DASH}(\d{{1,3}}))?"
        r"(?![\d:]| ?[ap]\.?m\b)",
        _verse,
    ),
    (r"(?<![\w.,/:$£€-])\d{2,40}(?:-\d{1,12}| \d{2,12}){0,8}(?:-X)?(?![\w/:-]|[.,]\d)", _in_context),
    (
        r"(?<![\w-])(?=[A-Z]{0,30}\d)(?=\d{0,30}[A-Z])[A-Z\d]{4,30}(?:-[A-Z\d]{1,12}){0,6}(?![\w-])",
        _mixed_in_context,
    ),
    (r"\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}", _telephone),
    (r"(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[.-]\d{4}(?![\d-])", _telephone),
    (r"\(0\d{1,4}\)[ -]?\d{3,4}[ -]?\d{3,4}(?!\d)", _telephone),
    (r"\(?0\d{2,4}\)?[ -]\d{3,4}[ -]?\d{3,4}(?!\d)", _telephone),
    (r"(?<![\d-])\d{3}-\d{4}(?![\d-])", _telephone),
    (r"1-8\d\d(?=-)", lambda match: ", ".join(map(numerals.digits, match[0].split("-")))),
    (r"\d{4}(?: \d{4}){3}(?!\d)", _telephone),
    (r"(?<![\d.,/-])\d{3}(?!\d|[.,]\d)", _of_a_thing),
    (r"(?<![\w.,])0\d{1,2}(?![\d:/]|[.,]\d)", _padded),
    (r"(?<![\d.,/-])\d{5}(?:-\d{4})?(?![\d/-]|[.,]\d)", _postal),
    (r"(?<![\w.,/:-])(?:911|411|988|112|999|211|311|511|811)(?![\w%:/-]|[.,]\d)", _short_number),
    (r"(?<=[Cc]all )\d{3}(?!\d)|(?<=[Dd]ial )\d{3}(?!\d)", _digits),
    (
        rf"(?<!\w)(?:(?:{_ELEMENTS})\d{{0,3}}){{2,12}}(?<=\d)(?![\w-])|(?<!\w)(?:{_METALS})(?:{_ANIONS})\d?(?!\w)"
        rf"|(?<!\w)(?:{_ELEMENTS})\d{{0,2}}(?=\^\d?[+-](?![\w(]))",
        _formula,
    ),
    (r"(?<=\d)[A-Z]{2,4}(?![A-Za-z])", _letters_after_digits),
)
"""Codes, before dates and quantities take their digits."""

GROUP_RULES: Final[Rules] = ((r"\d{1,12}(?:-\d{1,12}){2,12}(?!\d)", _grouped),)
"""Groups of digits that are no date."""
