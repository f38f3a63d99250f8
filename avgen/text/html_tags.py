"""HTML pasted into a script: which tags set text apart, and what is not read aloud."""

from __future__ import annotations

from typing import Final

from avgen.text.lines import Lines
from avgen.text.page import CELL, Literal, Page
from avgen.text.tags import Tag
from avgen.text.wordlist import words

_PARAGRAPHS: Final = words(
    """
    address article aside blockquote body caption center dd div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hr html legend main nav ol p pre section table tbody tfoot thead title
    ul details summary
    """
)
"""Tags that start and end a paragraph."""
_BREAKS: Final = frozenset(["br", "li", "tr", "option"])
"""Tags that end a sentence."""
_INLINE: Final = words(
    """
    a abbr acronym b bdi bdo big button cite code data del dfn em embed font i iframe img input ins kbd
    label link map area mark meta meter nobr output picture source progress q rp rt ruby s samp select
    small span strike strong sub sup textarea time tt u var video audio track wbr td th col colgroup
    base param object
    """
)
HTML: Final = _PARAGRAPHS | _BREAKS | _INLINE
"""Tags that are read without a word."""
NOT_READ: Final = words(
    """
    script style head template svg noscript think thinking reasoning
    """
)
"""Elements of which nothing is read: what a page or a language model writes for itself."""
_RAISED: Final = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")


class Html:
    """Reads tags one after the other into lines."""

    def __init__(self, page: Page, lines: Lines) -> None:
        self.page = page
        self.lines = lines
        self._counts: list[int | None] = []

    def read(self, tag: Tag) -> None:
        """Read a tag of `HTML`."""
        if tag.name in ("ol", "ul"):
            self._list(tag)
        if tag.name in _PARAGRAPHS:
            self.lines.paragraph()
            if tag.name[0] == "h" and tag.name[1:].isdigit() and not tag.closing:
                self.lines.add(f"{'#' * int(tag.name[1:])} ", 0)
        elif tag.name in _BREAKS:
            self._close_line(tag)
        elif tag.name in ("td", "th") and tag.closing:
            self.lines.add(f" {CELL} ", 0)
        elif tag.name == "img" and (text := tag.attributes.get("alt", "").strip()):
            self.lines.add(f" {self.page.put(Literal(text))} ", 0)

    def _close_line(self, tag: Tag) -> None:
        self.lines.split()
        if tag.name == "li" and not tag.closing:
            self.lines.add(self._item(), 0)

    def _list(self, tag: Tag) -> None:
        if tag.closing:
            del self._counts[-1:]
        else:
            start = tag.attributes.get("start", "1")
            first = int(start) if start.isdecimal() and len(start) < 4 else 1
            self._counts.append(first if tag.name == "ol" else None)

    def _item(self) -> str:
        """The mark of a list item, in Markdown."""
        count = self._counts[-1] if self._counts else None
        if count is None:
            return "- "
        self._counts[-1] = count + 1
        return f"{count}. "


def raised(text: str) -> str:
    """Digits of `<sup>` as raised digits."""
    return text.translate(_RAISED)
