"""Where a sentence ends: after . ! ? … unless an abbreviation, an initial or a small letter follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from avgen.text.markup import Block, Feeling, Written
from avgen.text.script import Pause

_ENDING = re.compile(r"[.!?…][\"”’'»)\]}]*$")
_OPENING = "\"“”‘'«([{¿¡"
_LETTERS = re.compile(r"(?:[^\W\d_]{1,2}\.)*[^\W\d_]\.", re.ASCII)
"""An initial or a dotted acronym: "J.", "U.S.", "Ph.D."."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NUMERAL = re.compile(r"\d|[IVXLC]+\b")
_BEFORE_A_NAME = _words(
    """
    Mr. Mrs. Ms. Dr. Prof. Mt. Ft. Gen. Gov. Sen. Rep. Capt. Lt. Col. Sgt. Cmdr. Rev. Hon. Pres. Supt.
    Cpl. Maj. Adm. Fr. Msgr. Messrs. Mme. Mlle. e.g. i.e. E.g. I.e. cf. Cf. vs. viz. esp. incl. excl.
    dept. Dept.
    """
)
_BEFORE_A_NUMBER = _words(
    """
    no nos nr p pp fig figs eq eqs sec vol vols ch chap art ca approx ext tel jan feb mar apr jun jul
    aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun
    ft lb lbs hr hrs
    """
)
_AFTER_A_NAME = _words(
    """
    st ave blvd rd hwy inc ltd co corp bros jr sr al a.m p.m approx min max
    """
)
_STARTERS = _words(
    """
    the a an this that these those it he she we they you i his her its our their my your there here but
    and so then if when while what who how why where in on at as after before for from with not no yes
    please however also now next last first let do did is are was were can could would
    """
)
"""Words that, written with a capital after a doubtful full stop, show that a sentence starts."""


def split_sentences(block: Block) -> Iterator[list[Written] | Pause | Feeling]:
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
    last = next((text for text in texts if any(c.isalnum() or c in ".!?…" for c in text)), "")
    return ends_like_a_sentence(last) and not _is_abbreviation(last.lstrip(_OPENING), start)


def _is_abbreviation(last: str, start: str) -> bool:
    """Tell whether the full stop of `last` belongs to an abbreviation that goes on with `start`."""
    name = last.lower().rstrip(".")
    if last in _BEFORE_A_NAME or (name in _BEFORE_A_NUMBER and _NUMERAL.match(start)):
        return True
    doubtful = bool(_LETTERS.fullmatch(last)) or (last.endswith(".") and name in _AFTER_A_NAME)
    return doubtful and start.rstrip(",.!?").lower() not in _STARTERS
