"""Subtitles as input: the cues of SubRip (.srt) and WebVTT (.vtt) files."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from avgen.errors import InputError

SUFFIXES: Final = (".srt", ".vtt")
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t]+.*)?", re.ASCII)
_ARROW = "-->"
_BLOCKS: Final = ("WEBVTT", "NOTE", "STYLE", "REGION")
"""First words of the parts of a WebVTT file that are no cues."""
_MARKUP = re.compile(r"</?(?:[a-zA-Z]|\d)[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}|\{[biusyBIUS]:[^{}\n]{0,60}\}")
_EXAMPLE: Final = "00:00:01,000 --> 00:00:02,500"
_CLOSE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said between two times.

    Attributes:
        start: seconds.
        end: seconds, later than `start`.
        text: without marks of style and speakers; lines of the file joined by a line feed.
        line: of the file on which the text starts, from 1.
    """

    start: float
    end: float
    text: str
    line: int


def read_subtitles(text: str, source: str) -> tuple[Cue, ...]:
    """Read the cues of a subtitle file.

    Args:
        text: the file's text; a byte order mark and any line ends are taken.
        source: its name in messages.

    Returns:
        Cues in the order of time, none overlapping; cues without text are left out.

    Raises:
        InputError: a wrong time, an end before its start, cues that overlap or stand in the wrong order,
            or no cue; names the line.
    """
    lines = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")).split("\n")
    cues = list(_cues(lines, source))
    if not cues:
        raise InputError(
            f"{source}: there are no subtitles in it; expected a line of times such as {_EXAMPLE}, then text"
        )
    for before, cue in itertools.pairwise(cues):
        if cue.start < before.end - _CLOSE:
            raise InputError(
                f"{source} line {cue.line - 1}: the subtitle starts at {cue.start:.3f} s, before the one "
                f"above it ends ({before.end:.3f} s); one is spoken after the other"
            )
    return tuple(cue for cue in cues if cue.text)


def _cues(lines: list[str], source: str) -> Iterator[Cue]:
    """Cues as they stand; one without text too."""
    index = 0
    while index < len(lines):
        line = lines[index].strip()
        if line.split(maxsplit=1)[:1] and line.split(maxsplit=1)[0] in _BLOCKS and _ARROW not in line:
            index = _after_block(lines, index)
        elif _ARROW in line:
            start, end = _times(line, source, index + 1)
            stop = _end_of_text(lines, index + 1)
            yield Cue(start, end, _text(lines[index + 1 : stop]), index + 2)
            index = stop
        elif line and not _names_a_cue(lines, index):
            raise InputError(
                f"{source} line {index + 1}: expected a line of times such as {_EXAMPLE}, got {line[:40]!r}"
            )
        else:
            index += 1


def _after_block(lines: list[str], index: int) -> int:
    while index < len(lines) and lines[index].strip():
        index += 1
    return index


def _names_a_cue(lines: list[str], index: int) -> bool:
    """Tell whether the line is the number or name of the cue whose times follow."""
    return index + 1 < len(lines) and _ARROW in lines[index + 1]


def _end_of_text(lines: list[str], index: int) -> int:
    """Where a cue's text ends: at a blank line, or at the next cue where that is missing."""
    while index < len(lines) and lines[index].strip() and _ARROW not in lines[index]:
        if lines[index].strip().isdecimal() and _names_a_cue(lines, index):
            break
        index += 1
    return index


def _times(line: str, source: str, number: int) -> tuple[float, float]:
    match = _TIMES.fullmatch(line)
    if not match:
        raise InputError(f"{source} line {number}: expected two times such as {_EXAMPLE}, got {line[:60]!r}")
    start, end = (_seconds(match.groups()[i : i + 4], source, number) for i in (0, 4))
    if end <= start:
        raise InputError(
            f"{source} line {number}: the subtitle ends at {end:.3f} s, not after its start at {start:.3f} s"
        )
    return start, end


def _seconds(parts: tuple[str | None, ...], source: str, number: int) -> float:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    if minutes > 59 or seconds > 59:
        raise InputError(f"{source} line {number}: {minutes} minutes and {seconds} seconds: both end at 59")
    thousandths = int((parts[3] or "").ljust(3, "0"))
    return ((hours * 60 + minutes) * 60 + seconds) + thousandths / 1000


def _text(lines: list[str]) -> str:
    """A cue's lines without tags of style, positions and names of speakers."""
    plain = (html.unescape(_MARKUP.sub("", line)).strip() for line in lines)
    return "\n".join(line for line in plain if line)
