"""The grammar of tags, which HTML and SSML share, and the plain text inside them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

from avgen.text.wordlist import words

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:._-]*)((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>")
"""No part of it crosses the next <, so that any number of unfinished tags costs linear time."""
_VALUE = r"\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+"
_ATTRIBUTE = re.compile(rf"\s+([A-Za-z_:@][\w:.@-]*)(?:\s*=\s*({_VALUE}))?")
_BARE = words(
    """
    allowfullscreen async autofocus autoplay checked controls default defer disabled download hidden
    inert loop multiple muted nomodule novalidate open playsinline readonly required reversed selected
    """
)
"""Attributes that need no value."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening, closing or empty tag.

    Attributes:
        name: in small letters.
        attributes: names in small letters to their values, entities decoded.
        closing: whether it is `</name>`.
        empty: whether it is `<name/>`.
        text: as written.
        line: where it starts.
    """

    name: str
    attributes: dict[str, str]
    closing: bool
    empty: bool
    text: str
    line: int


def read_tag(text: str, start: int, line: int) -> Tag | None:
    """Read the tag that starts with the < at `start`; None where what stands there is no tag."""
    match = _TAG.match(text, start)
    if not match:
        return None
    rest = match[3].rstrip()
    empty = rest.endswith("/")
    attributes = _attributes(rest[:-1] if empty else rest)
    if attributes is None:
        return None
    return Tag(match[2].lower(), attributes, bool(match[1]), empty, match[0], line)


def _attributes(text: str) -> dict[str, str] | None:
    """Attributes of a tag; None where the text is prose between two angle brackets."""
    found: dict[str, str] = {}
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _ATTRIBUTE.match(text, position)
        if not match or (match[2] is None and match[1].lower() not in _BARE):
            return None
        value = match[2] or ""
        found[match[1].lower()] = html.unescape(value[1:-1] if value[:1] in ("'", '"') else value)
        position = match.end()
    return found


def entity_at(text: str, start: int) -> re.Match[str] | None:
    """The character reference that starts with the & at `start`."""
    return _ENTITY.match(text, start)


def decode(reference: str) -> str:
    """The characters of a reference; a reference that does not exist stays as it is."""
    return html.unescape(reference)
