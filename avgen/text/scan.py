"""One walk over a whole text: code, tags, character references, formulas and escapes, to lines.

What is found here may cross lines or hold characters that would be marks elsewhere, so it goes first. A
search for an end starts once for each kind of end, however often its start stands there: linear time.
"""

from __future__ import annotations

import re
from typing import Final

from avgen.text import formulas
from avgen.text.html_tags import HTML, NOT_READ, Html, raised
from avgen.text.lines import Line, Lines
from avgen.text.page import Literal, Page
from avgen.text.ssml import WITH_TEXT, Ssml
from avgen.text.tags import Tag, decode, entity_at, read_tag

_SPECIAL = re.compile(r"[<&`$\\\n]")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,}(?!~))[^\n`]*")
_TICKS = re.compile("`+")
_ESCAPED: Final = frozenset("`*_{}[]()#+-.!|>~$&<\"'")
_SUP = re.compile(r"\s*\[?(\d{1,3})\]?\s*</sup\s*>", re.IGNORECASE)
_ANGLED = re.compile(r"<(?:mailto:)?([^\s<>]{3,200})>")
_ADDRESS = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+")
_BLANK = re.compile(
    r"<<[^<>\n]{1,60}>>|\$\{[^{}\n]{1,60}\}|(?<![\w<])<(?:your|insert|enter|name)\b[^<>\n]{0,40}>", re.I
)


def scan(text: str, page: Page, first_line: int) -> list[Line]:
    """Read what may cross lines.

    Args:
        text: a script with line feeds alone.
        page: takes notes and inline values.
        first_line: number of its first line.

    Returns:
        Lines in which Markdown and avgen's own marks are still to be read.

    Raises:
        InputError: a tag or a formula is wrong; names the line.
    """
    return _Scanner(text, page, first_line).run()


class _Scanner:
    def __init__(self, text: str, page: Page, first_line: int) -> None:
        self.text = text
        self.page = page
        self.lines = Lines(first_line)
        self.ssml = Ssml(page, self.lines)
        self.html = Html(page, self.lines)
        self._ends: dict[str, int] = {}
        self._ticks: dict[int, int] = {}
        self._ticks_until = 0
        self._fences = _fences(text)
        self._readers = {
            "<": self._angle,
            "&": self._ampersand,
            "`": self._tick,
            "$": self._dollar,
            "\\": self._backslash,
            "\n": self._line_end,
        }

    def run(self) -> list[Line]:
        position = self._code(0)
        while match := _SPECIAL.search(self.text, position):
            start = match.start()
            self.lines.add(self.text[position:start])
            position = self._readers[match[0]](start)
        self.lines.add(self.text[position:])
        self.ssml.close()
        return self.lines.finish()

    def _find(self, end: str, position: int) -> int:
        """Where `end` stands next, -1 if nowhere; text that was searched is not searched again."""
        known = self._ends.get(end, -2)
        if known == -1 or known >= position:
            return known
        self._ends[end] = self.text.find(end, position)
        return self._ends[end]

    def _keep(self, start: int, stop: int) -> int:
        """Take characters as they stand."""
        self.lines.add(self.text[start:stop])
        return stop

    def _put(self, inline: str, start: int, stop: int) -> int:
        """Put an inline value in the place of text."""
        self.lines.add(inline, stop - start)
        self.lines.skip(self.text[start:stop])
        return stop

    def _leave_out(self, start: int, stop: int) -> int:
        """Read nothing of the text, and say so."""
        self.page.note(self.lines.number, "silent", self.text[start:stop])
        self.lines.skip(self.text[start:stop])
        return stop

    # --- code ----------------------------------------------------------------------------------------

    def _line_end(self, start: int) -> int:
        self.lines.end()
        return self._code(start + 1)

    def _code(self, start: int) -> int:
        """Read the blocks of code whose fences stand at `start`; fences and languages are silent."""
        while start in self._fences:
            content, stop, end = self._fences.pop(start)
            self.lines.paragraph()
            self.lines.skip(self.text[start:content])
            for line in self.text[content:stop].split("\n")[:-1]:
                self.lines.code(self.page.put(Literal(line)) if line.strip() else "")
            self.lines.paragraph()
            self.lines.skip(self.text[stop:end])
            start = end
        return start

    def _tick(self, start: int) -> int:
        """Code inside a line, between equal runs of backticks."""
        if start >= self._ticks_until:
            self._pair_ticks(start)
        run = _TICKS.match(self.text, start)
        assert run is not None
        if (close := self._ticks.get(start)) is None:
            return self._keep(start, run.end())
        content = self.text[run.end() : close]
        inline = self.page.put(Literal(content.strip())) if content.strip() else ""
        return self._put(inline, start, close + len(run[0]))

    def _pair_ticks(self, start: int) -> None:
        """Find, for every run of backticks in the rest of the line, the next run of the same length."""
        stop = self._find("\n", start)
        self._ticks_until = len(self.text) if stop < 0 else stop
        following: dict[int, int] = {}
        for run in reversed(list(_TICKS.finditer(self.text, start, self._ticks_until))):
            if len(run[0]) in following:
                self._ticks[run.start()] = following[len(run[0])]
            following[len(run[0])] = run.start()

    # --- tags and references -------------------------------------------------------------------------

    def _ampersand(self, start: int) -> int:
        match = entity_at(self.text, start)
        if not match:
            return self._keep(start, start + 1)
        text = decode(match[0])
        if text == match[0]:
            return self._keep(start, match.end())
        return self._put(" " if text.isspace() else self.page.put(Literal(text)), start, match.end())

    def _angle(self, start: int) -> int:
        if self.text.startswith(("<!", "<?"), start):
            return self._declaration(start)
        if blank := _BLANK.match(self.text, start):
            return self._blank(blank)
        tag = read_tag(self.text, start, self.lines.number)
        if tag is None:
            angled = _ANGLED.match(self.text, start)
            if angled and _ADDRESS.fullmatch(angled[1]):
                return self._put(angled[1], start, angled.end())
            if re.match("</?[A-Za-z]", self.text[start : start + 3]):
                self.ssml.unfinished(self.text[start : start + 60].split(">")[0], self.lines.number)
            return self._keep(start, start + 1)
        return self._tag(tag, start, start + len(tag.text))

    def _tag(self, tag: Tag, start: int, stop: int) -> int:
        if tag.name in NOT_READ and not self.ssml.strict:
            return self._silent_element(tag, start, stop)
        if self.ssml.knows(tag):
            if tag.name in WITH_TEXT and not tag.closing:
                return self._with_text(tag, start, stop)
            self.ssml.read(tag)
        elif tag.name == "sup" and not tag.closing and (sup := _SUP.match(self.text, stop)):
            return self._put(raised(sup[1]), start, sup.end())
        elif tag.name in HTML:
            self.html.read(tag)
        else:
            self.ssml.suspect(tag)
            return self._keep(start, start + 1)
        self.lines.skip(tag.text)
        return stop

    def _with_text(self, tag: Tag, start: int, stop: int) -> int:
        """An element whose text is read as something else."""
        end = self._find("<", stop)
        content = self.text[stop:end] if end >= 0 else ""
        closing = read_tag(self.text, end, tag.line) if end >= 0 and not tag.empty else None
        if closing is None or not closing.closing or closing.name != tag.name:
            raise self.page.error(
                tag.line, f"the tag '{tag.text}' needs text alone and then </{tag.name}> behind it"
            )
        plain = re.sub(r"&#?\w{1,32};", lambda match: decode(match[0]), content)
        return self._put(self.ssml.spoken(tag, plain), start, end + len(closing.text))

    def _silent_element(self, tag: Tag, start: int, stop: int) -> int:
        if tag.closing or tag.empty:
            self.lines.skip(tag.text)
            return stop
        match = re.compile(rf"</{tag.name}\s*>", re.IGNORECASE).search(self.text, stop)
        if not match:
            raise self.page.error(
                tag.line, f"<{tag.name}> is never closed; write </{tag.name}> where it ends"
            )
        return self._leave_out(start, match.end())

    def _declaration(self, start: int) -> int:
        """Comments, document types, processing instructions, and text marked as such."""
        for opening, ending in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!", ">"), ("<?", "?>")):
            if not self.text.startswith(opening, start):
                continue
            end = self._find(ending, start + len(opening))
            if end < 0:
                return self._keep(start, start + len(opening))
            stop = end + len(ending)
            content = self.text[start + len(opening) : end]
            if opening == "<![CDATA[":
                return self._put(self.page.put(Literal(content)), start, stop)
            if opening == "<!":
                return self._document_type(content, start, stop)
            self.lines.skip(self.text[start:stop])
            return stop
        raise AssertionError(self.text[start : start + 2])

    def _document_type(self, content: str, start: int, stop: int) -> int:
        """A document type is silent; what it could declare is refused."""
        if "[" in content or re.match(r"(?:ENTITY|ELEMENT|ATTLIST|NOTATION)\b", content):
            raise self.page.error(
                self.lines.number, "declarations of entities are not read; write the characters themselves"
            )
        if not content.lower().startswith("doctype"):
            return self._keep(start, start + 2)
        self.lines.skip(self.text[start:stop])
        return stop

    # --- formulas and escapes ------------------------------------------------------------------------

    def _blank(self, match: re.Match[str]) -> int:
        self.page.note(self.lines.number, "placeholder", match[0])
        return self._keep(match.start(), match.end())

    def _dollar(self, start: int) -> int:
        if blank := _BLANK.match(self.text, start):
            return self._blank(blank)
        if self.text.startswith("$$", start):
            return self._between(start, "$$", "$$")
        line_end = self._find("\n", start)
        end = self._find("$", start + 1)
        if end < 0 or 0 <= line_end < end or not formulas.are_marks(self.text, start, end):
            return self._keep(start, start + 1)
        return self._formula(self.text[start + 1 : end], start, end + 1)

    def _between(self, start: int, opening: str, ending: str) -> int:
        """A formula between two marks, inside a paragraph."""
        end = self._find(ending, start + len(opening))
        content = self.text[start + len(opening) : end] if end >= 0 else ""
        if len(content) > formulas.LONGEST or "\n\n" in content or not formulas.looks_like_one(content):
            return self._keep(start, start + len(opening))
        return self._formula(content, start, end + len(ending))

    def _backslash(self, start: int) -> int:
        pair = self.text[start : start + 2]
        if pair in (r"\(", r"\["):
            stop = self._between(start, pair, r"\)" if pair == r"\(" else r"\]")
            if stop > start + 2:
                return stop
        if formulas.command_at(self.text, start):
            words, length = formulas.read_command_at(self.text, start, self.page, self.lines.number)
            return self._put(words, start, start + length)
        if pair[1:] in _ESCAPED:
            return self._put(self.page.put(Literal(pair[1:])), start, start + 2)
        return self._keep(start, start + 1)

    def _formula(self, content: str, start: int, stop: int) -> int:
        return self._put(formulas.read(content, self.page, self.lines.number), start, stop)


def _fences(text: str) -> dict[int, tuple[int, int, int]]:
    """Blocks of code: where a fence starts, its content starts and stops, and the line after it starts."""
    blocks: dict[int, tuple[int, int, int]] = {}
    opening: tuple[int, int, str] | None = None
    position = 0
    for line in text.split("\n"):
        stop = position + len(line)
        match = _FENCE.fullmatch(line.rstrip())
        if match and opening is None:
            opening = (position, stop + 1, match[1])
        elif match and opening and match[1].startswith(opening[2]) and line.strip() == match[1]:
            blocks[opening[0]] = (opening[1], position, min(stop + 1, len(text)))
            opening = None
        position = stop + 1
    return blocks
