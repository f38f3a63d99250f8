"""Which words ask for which gesture. English; where no words are known, prosody alone decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_MEANT: Final = {
    "me": "i me my mine myself i'm i've i'd i'll we our us",
    "you": "you your yours you're you've you'll yourself",
    "deny": """no not nothing never without none nobody cannot can't don't didn't won't isn't wasn't doesn't
        stop""",
    "wide": """every all whole big huge everything everybody everyone entire world always enormous great large
        together""",
    "small": "little only just exactly small tiny precisely step private detail simple simply",
    "count": "first second third fourth fifth one two three four five firstly secondly thirdly",
    "shrug": "maybe perhaps whatever anyway somehow whoever",
    "there": "there that those outside over",
    "present": "here this these so imagine look welcome today",
}
KINDS_OF_WORDS: Final = {word: kind for kind, words in _MEANT.items() for word in words.split()}
_NUMBERS: Final = (
    "one first firstly",
    "two second secondly",
    "three third thirdly",
    "four fourth",
    "five fifth",
)
NUMBERS: Final = {word: number for number, words in enumerate(_NUMBERS, start=1) for word in words.split()}
"""Fingers that a word shows."""
CLITIC: Final = frozenset({"me", "you", "deny", "wide"})
"""Kinds that an unaccented word before the accented one asks for: "my voice", "you know"."""
_FUNCTION: Final = """
a an the of to in on at by for with from as is are was were be been am has have had do does did and or but
if it its he she they them his her their i me my we us our you your this that these those who which will
would can could may might must should shall than then there so not no
"""
FUNCTION: Final = frozenset(_FUNCTION.split())
"""Words that seldom carry an accent that somebody meant."""


def meant_by(words: Sequence[str]) -> str:
    """Kind of gesture that an accented word and those before it (latest first) ask for; empty for none."""
    if not words:
        return ""
    if kind := KINDS_OF_WORDS.get(words[0], ""):
        return kind
    before = (KINDS_OF_WORDS.get(word, "") for word in words[1:2])
    return next((kind for kind in before if kind in CLITIC), "")
