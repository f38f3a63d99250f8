"""Subtitles: SubRip, WebVTT, and Advanced SubStation Alpha whose words light up as they are spoken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from avgen.exports import Material
from avgen.exports.cues import Cue, make_cues
from avgen.types import Interval

JOINER: Final = "\u2060"
"""A word joiner: nothing to see, and no mark of any format goes on across it."""
_VTT: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ASS: Final = str.maketrans({"\\": "\\" + JOINER, "{": "\\{", "}": "\\}"})
_SRT: Final = str.maketrans({"<": "<" + JOINER, "{": "{" + JOINER, ">": JOINER + ">", "\\": "\\" + JOINER})
"""SubRip has no way to write such a character; players that read marks find none any more."""
_ASS_HEAD: Final = """\
[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
MarginR, MarginV, Encoding
Style: Default,{font},{size},&H00FFFFFF,&H00B8B8B8,&H00101010,&H80000000,0,0,0,0,100,100,0,0,1,\
{outline:.1f},0,2,{margin},{margin},{margin},1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
FONT: Final = "Arial"
"""What players have, or something like it."""


def write_srt(material: Material, path: Path) -> None:
    """Write SubRip subtitles."""
    blocks = (
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_text(cue, _SRT)}\n"
        for number, cue in enumerate(make_cues(material), 1)
    )
    path.write_text("\n".join(blocks), encoding="utf-8")


def write_vtt(material: Material, path: Path) -> None:
    """Write WebVTT subtitles."""
    blocks = (
        f"\n{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_voiced(cue)}{_lines(cue, _VTT)}\n"
        for cue in make_cues(material)
    )
    path.write_text("WEBVTT\n" + "".join(blocks), encoding="utf-8")


def write_ass(material: Material, path: Path) -> None:
    """Write Advanced SubStation Alpha subtitles for the size of the video."""
    width, height = material.picture_size
    size = max(10, min(round(0.075 * height), round(width / 19)))
    head = _ASS_HEAD.format(
        width=width, height=height, font=FONT, size=size, outline=size / 12, margin=round(0.045 * height)
    )
    events = (
        f"Dialogue: 0,{_short_clock(cue.start)},{_short_clock(cue.end)},Default,{cue.speaker},0,0,0,,"
        f"{_named(cue)}{_karaoke(cue)}\n"
        for cue in make_cues(material)
    )
    path.write_text(head + "".join(events), encoding="utf-8")


def _named(cue: Cue) -> str:
    """Who speaks, where several people do: a name, in which nothing is a mark of any format."""
    return f"{cue.speaker}: " if cue.speaker else ""


def _voiced(cue: Cue) -> str:
    """The same as WebVTT's mark of a voice."""
    return f"<v {cue.speaker}>" if cue.speaker else ""


def _text(cue: Cue, marks: dict[int, str]) -> str:
    """What stands in the picture: who speaks, and the lines."""
    return _named(cue) + _lines(cue, marks)


def _lines(cue: Cue, marks: dict[int, str]) -> str:
    """The lines of a cue, what means something to a format written otherwise."""
    return "\n".join(" ".join(word.label.translate(marks) for word in line) for line in cue.lines)


def _karaoke(cue: Cue) -> str:
    """The lines of a cue, before each word the hundredths of a second until the next one is heard."""
    starts = [*(_hundredths(word.start) for word in cue.words[1:]), _hundredths(cue.words[-1].end)]
    before = _hundredths(cue.start)
    lines: list[str] = []
    position = 0
    for line in cue.lines:
        ends = starts[position : position + len(line)]
        lines.append(_sung(line, before, ends))
        before, position = ends[-1], position + len(line)
    return "\\N".join(lines)


def _sung(line: Sequence[Interval], before: int, ends: Sequence[int]) -> str:
    spans = (end - start for start, end in zip([before, *ends], ends, strict=False))
    return " ".join(
        f"{{\\k{span}}}{word.label.translate(_ASS)}" for span, word in zip(spans, line, strict=True)
    )


def _clock(seconds: float, point: str) -> str:
    """Hours, minutes, seconds and thousandths."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"


def _hundredths(seconds: float) -> int:
    return round(seconds * 100)


def _short_clock(seconds: float) -> str:
    """Hours, minutes, seconds and hundredths."""
    whole, hundredths = divmod(_hundredths(seconds), 100)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}.{hundredths:02}"
