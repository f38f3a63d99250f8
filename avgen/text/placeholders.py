"""Blanks in a text that somebody forgot to fill in: `{name}`, `%s`, `[Your Company]`."""

from __future__ import annotations

import re
from typing import Final

from avgen.text.page import Page
from avgen.text.wordlist import words

_BRACES = re.compile(
    r"\{\{[^{}]{1,60}\}\}|(?<![\w}$])\{(?:[A-Za-z_][\w .-]{0,60}|\d{0,2})\}"
    r"|(?<!%)%\([\w ]{1,40}\)[sdif](?!\w)"
)
_PERCENT = re.compile(r"(?<![\w%)])%[sdif](?!\w)")
_BRACKETS = re.compile(r"\[([A-Za-z][^\[\]]{0,60})\](?![(\[])")
_ORDERS: Final = words(
    """
    insert your enter add fill todo tbd tbc fixme placeholder
    """
)
"""First words of what should have been replaced."""
_THINGS: Final = words(
    """
    name date city address number email title company phone url link time place amount price product
    """
)
_CONNECTING: Final = words(
    """
    of the your and or for a an in
    """
)
_REMARKS: Final = words(
    """
    laughs laughter laughing applause music sigh sighs chuckle chuckles gasp gasps cough coughs cheering
    crying sobbing silence inaudible crosstalk unintelligible whispers whispering clears pause beat sic
    narrator host guest speaker interviewer audience intro outro scene end note edit redacted citation
    man woman boy girl the a an he she it they we i you this that these those in on at of and or but to
    for his her its their our my who what which is was are were as
    """
)
"""First words of stage directions, speakers and an editor's insertions."""


def note_placeholders(text: str, line: int, page: Page) -> None:
    """Note the blanks of a line; they are spoken as they stand.

    Args:
        text: the line; marks of avgen and links are no longer in it.
        line: its number.
        page: takes the notes.
    """
    found = [*_BRACES.finditer(text), *_PERCENT.finditer(text)]
    found += [match for match in _BRACKETS.finditer(text) if _is_blank(match[1])]
    for match in sorted(found, key=lambda match: match.start()):
        page.note(line, "placeholder", match[0])


def _is_blank(inside: str) -> bool:
    """Tell a blank from a remark: `[Name]`, `[INSERT DATE]`, but not `[laughs]` or `[He]`."""
    parts = re.findall(r"[\w'’/-]+", inside)
    first = parts[0].lower()
    if first in _ORDERS:
        return len(parts) > 1 or first in ("insert", "todo", "tbd", "tbc", "fixme", "placeholder")
    if first in _REMARKS or not parts[0][0].isupper() or len(parts) > 4 or re.search(r"\d", inside):
        return False
    names = all(word[0].isupper() or word in _CONNECTING for word in parts)
    return names or parts[-1].lower() in _THINGS
