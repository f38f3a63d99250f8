"""Where a sentence ends: after . ! ? … unless an abbreviation, an initial or a small letter follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from avgen.text.abbreviations import BOOKS, CUT, NUMBERED, STREETS, TITLES, WITH_POINT
from avgen.text.markup import Block, Written
from avgen.text.page import Manner
from avgen.text.readings import BEFORE_NUMBER
from avgen.text.script import Pause

_ENDING = re.compile(r"[.!?…][\"”’'»)\]}]*$")
_OPENING = "\"“”‘'«([{¿¡"
_LETTERS = re.compile(r"(?:[^\W\d_]{1,2}\.)*[^\W\d_]\.", re.ASCII)
"""An initial or a dotted acronym: "J.", "U.S.", "Ph.D."."""
_INITIAL = re.compile(r"[A-Z]\.", re.ASCII)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LETTER_OR_ROMAN = re.compile(r"[IVXLC]+\b|[A-Z]\b")
_NAME = re.compile(r"[A-Z]|\d+(?:st|nd|rd|th)\b")
_BEFORE_A_NAME = _words(
    "Mr. Mrs. Ms. Messrs. e.g. i.e. E.g. I.e. cf. Cf. vs. viz. esp. excl. incl. Incl."
) | {f"{title}." for title in TITLES}
_COUNTED = (BEFORE_NUMBER.keys() | NUMBERED.keys()) - {"no", "c", "p"}
_BEFORE_A_NUMBER = (
    _words(
        """
        jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun
        approx tel ft lb lbs hr hrs ht wt est
        """
    )
    | BEFORE_NUMBER.keys()
    | _COUNTED
)
_BEFORE_A_CHAPTER = {f"{book}." for book in BOOKS}
_AFTER_A_NAME = (
    _words("inc ltd co corp bros jr sr al a.m p.m min max ft mt esq")
    | {street.lower() for street in STREETS}
    | WITH_POINT.keys()
    | CUT.keys()
)
_STARTERS = _words(
    """
    the a an this that these those it he she we they you i his her its our their my your there here but
    and so then if when while what who how why where in on at as after before for from with not no yes
    please however also now next last first let do did is are was were can could would will should has have
    had does some many most all each every everyone everybody nobody someone both one two three people
    because although though since until once during since maybe perhaps meanwhile later today tomorrow
    yesterday instead still even just only oh well okay ok thanks thank sorry to by of or nor yet
    """
)
"""Words that, written with a capital after a doubtful full stop, show that a sentence starts."""


def split_sentences(block: Block) -> Iterator[list[Written] | Pause | Manner]:
    """Split a paragraph into sentences, keeping marks in their places.

    Args:
        block: written words and marks of one paragraph.

    Yields:
        Sentences as lists of written words, and marks, in order.
    """
    sentence: list[Written] = []
    for item in block:
        if sentence and (not isinstance(item, Written) or _ends(sentence, item.text)):
            yield sentence
            sentence = []
        if isinstance(item, Written):
            sentence.append(item)
        else:
            yield item
    if sentence:
        yield sentence


def ends_like_a_sentence(text: str) -> bool:
    """Tell whether a written word carries . ! ? or … at its end, closing quotes and brackets aside."""
    return bool(_ENDING.search(text))


def _ends(sentence: Sequence[Written], following: str) -> bool:
    if sentence[-1].closes:
        return True
    start = following.lstrip(_OPENING)
    if not any(c.isalnum() for c in start) or (start[0].islower() and not start[1:2].isupper()):
        return False
    texts = (word.text for word in reversed(sentence))
    last, previous, *_ = [
        *islice((t for t in texts if any(c.isalnum() or c in ".!?…" for c in t)), 2),
        "",
        "",
    ]
    return ends_like_a_sentence(last) and not _is_abbreviation(previous, last.lstrip(_OPENING), start)


def _is_abbreviation(previous: str, last: str, start: str) -> bool:
    """Tell whether the full stop of `last` belongs to an abbreviation that goes on with `start`."""
    name = last.lower().rstrip(".")
    if (last, start[:2]) == ("Ph.", "D.") or _is_numbered(last, name, start):
        return True
    ends_name = name in _AFTER_A_NAME and bool(_NAME.match(previous))
    if last in _BEFORE_A_NAME and not ends_name:
        return True
    if _INITIAL.fullmatch(last) and _INITIAL.match(start):
        return True
    if name in CUT and last[0].islower() and name != "attn":
        return False
    doubtful = bool(_LETTERS.fullmatch(last)) or (last.endswith(".") and name in _AFTER_A_NAME)
    return doubtful and re.split("['’.,!?]", start, maxsplit=1)[0].lower() not in _STARTERS


def _is_numbered(last: str, name: str, start: str) -> bool:
    """Tell whether `start` is a number, or the letter or Roman numeral that counts a thing: "Apt. B"."""
    if start[0].isdigit():
        return name in _BEFORE_A_NUMBER or last in _BEFORE_A_CHAPTER
    counted = name in _COUNTED and _LETTER_OR_ROMAN.match(start)
    return bool(counted) and (last[0].isupper() or not re.match(r"[IA]\b", start))
