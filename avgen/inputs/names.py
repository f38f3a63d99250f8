"""Names of clips and files: letters of any script, digits, dot, underscore and hyphen."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_CHARACTERS: Final = 100
MAX_BYTES: Final = 180
"""In UTF-8: file systems take 255, and temporary files' names are longer."""


def is_id(text: str) -> bool:
    """Tell whether a text can be a clip's id."""
    fits = len(text) <= MAX_CHARACTERS and len(text.encode()) <= MAX_BYTES
    return fits and bool(text) and _is_letter(text[0]) and all(_is_safe(c) for c in text)


def is_file_name(text: str) -> bool:
    """Tell whether a text can be a file's name: an id, perhaps longer, commas allowed."""
    return (
        0 < len(text.encode()) <= MAX_BYTES + 20
        and _is_letter(text[0])
        and all(_is_safe(c) or c == "," for c in text)
    )


def clip_id(stem: str) -> str:
    """Turn a file's stem into a clip id; whatever cannot be part of one becomes a hyphen."""
    plain = unicodedata.normalize("NFC", stem)
    name = "".join(c if _is_safe(c) else "-" for c in plain)
    name = re.sub("-{2,}", "-", name).strip("-._")[:MAX_CHARACTERS]
    while len(name.encode()) > MAX_BYTES:
        name = name[:-1]
    return name if is_id(name) else "clip"


def _is_letter(c: str) -> bool:
    return unicodedata.category(c)[0] in "LN"


def _is_safe(c: str) -> bool:
    """Letters, digits, and the marks that belong to letters of many scripts."""
    return c in "._-" or unicodedata.category(c)[0] in "LNM"
