"""Lines of a text after its tags, code and formulas have been read, each with its number."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or the part of one that tags set apart.

    Attributes:
        number: of the line in the script, from 1.
        text: white space between words is one space; inline values stand in it (`avgen.text.page`).
        width: characters of the line as written, to tell a wrapped line from a deliberate end.
        closes: a sentence ends with the line whatever its punctuation.
        code: it is part of a block of code, in which lines end where they will.
    """

    number: int
    text: str
    width: int = 0
    closes: bool = False
    code: bool = False


class Lines:
    """Builds lines from left to right."""

    def __init__(self, first: int) -> None:
        self.number = first
        self.done: list[Line] = []
        self._parts: list[str] = []
        self._width = 0
        self._was_split = False
        self._start = first

    def add(self, text: str, width: int | None = None) -> None:
        """Go on with the line; `width` is how long the text is as written."""
        if text:
            if not self._parts:
                self._start = self.number
            self._parts.append(text)
            self._width += len(text) if width is None else width

    def skip(self, text: str) -> None:
        """Leave out text of which nothing stands in the line; its lines are counted."""
        self.number += text.count("\n")

    def end(self) -> None:
        """The line ends as it does in the script; where a tag ended it before, no empty line is left."""
        if not self._was_split or self._has_words():
            self._finish()
        self._parts.clear()
        self._was_split = False
        self.number += 1

    def split(self) -> None:
        """A sentence ends here; the next one stands on the same line of the script."""
        if self._has_words():
            self._finish(closes=True)
        elif self.done and self.done[-1].text:
            self.done[-1] = replace(self.done[-1], closes=True)
        self._parts.clear()
        self._was_split = True

    def _has_words(self) -> bool:
        return any(not part.isspace() for part in self._parts)

    def paragraph(self) -> None:
        """A paragraph ends here."""
        if self._parts:
            self._finish()
        if self.done and self.done[-1].text:
            self._finish()

    def code(self, text: str) -> None:
        """Add a whole line of code."""
        self.done.append(Line(self.number, text, code=True))
        self.number += 1

    def finish(self) -> list[Line]:
        """All lines."""
        self._finish()
        return self.done

    def _finish(self, closes: bool = False) -> None:
        number = self._start if self._parts else self.number
        text = " ".join("".join(self._parts).split())
        self.done.append(Line(number, text, self._width, closes))
        self._parts, self._width = [], 0
