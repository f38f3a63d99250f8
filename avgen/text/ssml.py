"""SSML: the elements that say how a text is spoken, and what is refused.

Elements are read wherever they stand in a script; inside `<speak>` every other tag is a mistake. There is
no document type, no entity but the characters' own, and nothing is fetched.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from avgen.errors import InputError
from avgen.text import prosody_values
from avgen.text.lines import Lines
from avgen.text.page import Change, Page, Place, Spoken, shorten
from avgen.text.phonemes import from_ipa
from avgen.text.say_as import SayAsError, say_as
from avgen.text.script import PLAIN, Pause, Prosody
from avgen.text.tags import Tag

MAX_PAUSE: Final = 10.0
"""Longest pause in seconds."""
WITH_TEXT: Final = ("say-as", "sub", "phoneme")
"""Elements whose text is read as something else; there are no tags in it."""
ELEMENTS: Final = ("speak", "p", "s", "break", "emphasis", "prosody", "mark", *WITH_TEXT)
_ELSEWHERE: Final = ("speak", "break", "emphasis", "prosody", "say-as", "phoneme")
"""Elements that no other language of tags has."""
_UNSUPPORTED: Final = (
    "voice",
    "lang",
    "audio",
    "lexicon",
    "lookup",
    "desc",
    "metadata",
    "meta",
    "w",
    "token",
)
_ATTRIBUTES: Final = {
    "break": ("time", "strength"), "emphasis": ("level",), "prosody": ("rate", "pitch", "volume"),
    "mark": ("name",), "say-as": ("interpret-as", "format", "detail"), "sub": ("alias",),
    "phoneme": ("alphabet", "ph"), "speak": ("version", "onlangfailure"),
}  # fmt: skip
_MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that waits for its end, and the prosody before it."""

    tag: Tag
    before: Prosody


class Ssml:
    """Reads elements one after the other into lines."""

    def __init__(self, page: Page, lines: Lines) -> None:
        self.page = page
        self.lines = lines
        self._open: list[_Open] = []
        self._prosody = PLAIN

    @property
    def strict(self) -> bool:
        """Whether the text is inside `<speak>`."""
        return bool(self._open) and self._open[0].tag.name == "speak"

    def knows(self, tag: Tag) -> bool:
        """Tell whether the tag is SSML's here; `<p>` and `<sub>` are HTML's too.

        Raises:
            InputError: the tag is none, and must be one or was meant to be one.
        """
        if tag.name in _ELSEWHERE or (tag.name in ELEMENTS and (self.strict or self._is_meant(tag))):
            return True
        if self.strict:
            raise self._unknown(tag)
        return False

    def _is_meant(self, tag: Tag) -> bool:
        """Tell whether a tag that HTML has too is SSML's: by its attribute, or since it ends such a one."""
        if tag.closing:
            return bool(self._open) and self._open[-1].tag.name == tag.name
        return (tag.name, next(iter(tag.attributes), "")) in (("sub", "alias"), ("mark", "name"))

    def suspect(self, tag: Tag) -> None:
        """Refuse a tag of no known language that was meant to be SSML.

        Raises:
            InputError: its name is nearly one of SSML's, or one that is not supported.
        """
        near = difflib.get_close_matches(tag.name, _ELSEWHERE, n=1, cutoff=0.75)
        if (tag.attributes or tag.empty or tag.closing) and (near or tag.name in _UNSUPPORTED):
            raise self._unknown(tag)

    def _unknown(self, tag: Tag) -> InputError:
        names = ", ".join(ELEMENTS)
        return self._error(tag, f"is not an SSML element that is read; those are {names}")

    def unfinished(self, text: str, line: int) -> None:
        """Refuse a tag without its end.

        Raises:
            InputError: it stands inside `<speak>` or starts like SSML.
        """
        name = text[1:].lstrip("/").split(maxsplit=1)[0].rstrip("/").lower() if text[1:].strip("/ ") else ""
        if self.strict or name in _ELSEWHERE:
            raise self.page.error(line, f"the tag '{shorten(text)}' has no end: write <{name or 'name'} ...>")

    def close(self) -> None:
        """Refuse elements that are still open at the end of the text.

        Raises:
            InputError: naming the one opened last.
        """
        if self._open:
            tag = self._open[-1].tag
            raise self._error(tag, f"is never closed; write </{tag.name}>, or <{tag.name}/> if it is empty")

    def read(self, tag: Tag) -> None:
        """Read a tag that is not one of `WITH_TEXT`.

        Raises:
            InputError: a wrong value or a wrong nesting; names the line.
        """
        if tag.closing:
            self._end(tag)
            return
        self._check(tag)
        self._open.append(_Open(tag, self._prosody))
        self._start(tag)
        if tag.empty:
            self._end(tag)

    def _check(self, tag: Tag) -> None:
        allowed = _ATTRIBUTES.get(tag.name, ())
        for name in tag.attributes:
            if name not in allowed and not name.startswith(("xml", "xsi:")):
                known = ", ".join(allowed) or "none"
                raise self._error(tag, f"has an unknown attribute {name!r}; known: {known}")
        if len(self._open) >= _MAX_DEPTH:
            raise self._error(tag, f"is inside more than {_MAX_DEPTH} others")
        if tag.name == "speak" and self._open:
            raise self._error(tag, "is inside another element; a text has one, around all of it")

    def _start(self, tag: Tag) -> None:
        if tag.name == "break":
            self._break(tag)
        elif tag.name == "mark":
            if not (name := tag.attributes.get("name", "").strip()):
                raise self._error(tag, 'has no name; write <mark name="here"/>')
            self.lines.add(self.page.put(Place(name)), 0)
        elif tag.name in ("prosody", "emphasis"):
            self._change(self._prosody + self._asked(tag))
            self._within(tag)
        elif tag.name in ("p", "speak"):
            self.lines.paragraph()
        elif tag.name == "s":
            self.lines.split()

    def _end(self, tag: Tag) -> None:
        if not self._open or self._open[-1].tag.name != tag.name:
            inside = f"<{self._open[-1].tag.name}> is still open" if self._open else "nothing is open"
            raise self._error(tag, f"closes what is not open here: {inside}")
        before = self._open.pop().before
        if tag.name in ("prosody", "emphasis"):
            self._change(before)
        elif tag.name in ("p", "speak"):
            self.lines.paragraph()
        elif tag.name == "s":
            self.lines.split()

    def _change(self, prosody: Prosody) -> None:
        self._prosody = prosody
        self.lines.add(self.page.put(Change(prosody)), 0)

    def _within(self, tag: Tag) -> None:
        try:
            prosody_values.check(self._prosody)
        except ValueError as error:
            raise self._error(tag, f"adds up to too much: {error}") from None

    def _break(self, tag: Tag) -> None:
        strength = tag.attributes.get("strength", "medium").strip().lower()
        seconds = prosody_values.BREAKS.get(strength)
        if seconds is None:
            raise self._error(tag, f"has a wrong strength; expected {', '.join(prosody_values.BREAKS)}")
        if "time" in tag.attributes:
            seconds = prosody_values.seconds(tag.attributes["time"])
            if seconds is None:
                raise self._error(tag, 'has a wrong time; write for example time="500ms" or time="1.5s"')
        if seconds > MAX_PAUSE:
            raise self._error(tag, f"is longer than {MAX_PAUSE:g} seconds; use several")
        if seconds:
            self.lines.add(self.page.put(Pause(seconds)), 0)

    def _asked(self, tag: Tag) -> Prosody:
        """What an element asks for, apart from those around it."""
        try:
            if tag.name == "emphasis":
                return _emphasis(tag.attributes.get("level", "moderate"))
            values = {name: value for name, value in tag.attributes.items() if name in _ATTRIBUTES["prosody"]}
            return Prosody(
                prosody_values.rate(values.get("rate", "default")),
                prosody_values.pitch(values.get("pitch", "default")),
                prosody_values.volume(values.get("volume", "default")),
            )
        except ValueError as error:
            raise self._error(tag, f"has a wrong value: {error}") from None

    def spoken(self, tag: Tag, content: str) -> str:
        """Read an element of `WITH_TEXT` and return what stands for it in the line.

        Raises:
            InputError: a wrong value, or nothing to say; names the line.
        """
        self._check(tag)
        text = " ".join(content.split())
        if not text:
            raise self._error(tag, "has no text in it")
        return self.page.put(Spoken(text, tuple(self._words(tag, text))))

    def _words(self, tag: Tag, text: str) -> list[str]:
        if tag.name == "phoneme":
            return [self._phoneme(tag, text)]
        if tag.name == "sub":
            words = tag.attributes.get("alias", "").split()
            if not words:
                raise self._error(tag, 'has no alias; write <sub alias="read so">written</sub>')
            return words
        if "interpret-as" not in tag.attributes:
            raise self._error(tag, 'has no interpret-as; write <say-as interpret-as="characters">')
        try:
            return say_as(text, tag.attributes["interpret-as"], tag.attributes.get("format", "")).split()
        except SayAsError as error:
            raise self._error(tag, f"cannot read {shorten(text)!r}: {error}") from None

    def _phoneme(self, tag: Tag, text: str) -> str:
        if tag.attributes.get("alphabet", "ipa").strip().lower() != "ipa":
            raise self._error(tag, 'has an alphabet that is not read; write alphabet="ipa"')
        try:
            symbols = from_ipa(tag.attributes.get("ph", ""))
        except ValueError as error:
            raise self._error(tag, f"cannot speak {error}: a pronunciation uses English phonemes") from None
        if not symbols.strip("ˈˌ "):
            raise self._error(tag, 'has no pronunciation; write for example ph="təˈmeɪtoʊ"')
        return pronounced(text, symbols)

    def _error(self, tag: Tag, message: str) -> InputError:
        return self.page.error(tag.line, f"the tag '{shorten(tag.text)}' {message}")


def _emphasis(level: str) -> Prosody:
    found = prosody_values.EMPHASIS.get(level.strip().lower())
    if found is None:
        raise ValueError(f"expected {', '.join(prosody_values.EMPHASIS)}")
    return found


def pronounced(text: str, symbols: str) -> str:
    """A written word with its symbols, in the form that the front end reads."""
    name = "_".join(text.translate(_BRACKETS).split()) or "x"
    return f"[{name}](/{symbols.replace(' ', '_')}/)"


_BRACKETS = str.maketrans("", "", "[]()")
