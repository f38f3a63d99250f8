from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avgen.errors import InputError
from avgen.inputs.subtitles import Cue, read_subtitles

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello <i>there</i>,
{\\an8}my friend.

2
00:00:02,500 --> 00:01:00,000
Second &amp; last.
"""
VTT = """WEBVTT - a title
Kind: captions

NOTE This is
a remark

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start position:0%
<v Mira Smith>Hello <c.loud>there</c>.</v>

01:00:02.500 --> 01:00:03.000
<00:00:02.700>One more.
"""


def test_subrip() -> None:
    assert read_subtitles(SRT, "a.srt") == (
        Cue(1.0, 2.5, "Hello there,\nmy friend.", 3),
        Cue(2.5, 60.0, "Second & last.", 8),
    )


def test_webvtt() -> None:
    assert read_subtitles(VTT, "a.vtt") == (
        Cue(1.0, 2.5, "Hello there.", 12),
        Cue(3602.5, 3603.0, "One more.", 15),
    )


@pytest.mark.parametrize("change", ["bom", "crlf", "cr", "no end", "no blank line", "no numbers", "spaces"])
def test_habits_of_other_programs_do_not_matter(change: str) -> None:
    text = {
        "bom": "\ufeff" + SRT,
        "crlf": SRT.replace("\n", "\r\n"),
        "cr": SRT.replace("\n", "\r"),
        "no end": SRT.rstrip(),
        "no blank line": SRT.replace("\n\n", "\n"),
        "no numbers": SRT.replace("1\n", "", 1).replace("\n2\n", "\n"),
        "spaces": SRT.replace(" --> ", "  -->\t").replace("\n\n", "\n  \n"),
    }[change]
    cues = read_subtitles(text, "a.srt")
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [
        (1.0, 2.5, "Hello there,\nmy friend."),
        (2.5, 60.0, "Second & last."),
    ]


def test_cues_without_text_are_left_out() -> None:
    text = "1\n00:00.0 --> 00:01.0\n\n2\n00:01.0 --> 00:02.0\n<i></i>\n\n00:03.5 --> 00:04.5\nHi"
    assert read_subtitles(text, "a.srt") == (Cue(3.5, 4.5, "Hi", 9),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.srt: there are no subtitles in it"),
        ("WEBVTT\n", "a.srt: there are no subtitles in it"),
        ("Just text.\n", "a.srt line 1: expected a line of times such as 00:00:01,000 --> 00:00:02,500"),
        (SRT + "\nand so on\n", "a.srt line 10: expected a line of times"),
        (SRT.replace("01,000", "01"), "a.srt line 2: expected two times"),
        (SRT.replace("00:00:01,000", "00:61:01,000"), "a.srt line 2: 61 minutes"),
        (
            SRT.replace("02,500\n", "00,500\n"),
            "a.srt line 2: the subtitle ends at 0.500 s, not after",
        ),
        (
            SRT.replace("00:00:02,500 -->", "00:00:02,000 -->"),
            "a.srt line 7: the subtitle starts at 2.000 s",
        ),
    ],
)
def test_mistakes_name_file_and_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_subtitles(text, "a.srt")
    assert message in str(error.value)


@given(st.lists(st.sampled_from([*SRT.split("\n"), *VTT.split("\n"), "-->", "7"]), max_size=12))
def test_any_lines_are_cues_in_order_or_a_clear_error(lines: list[str]) -> None:
    try:
        cues = read_subtitles("\n".join(lines), "a.srt")
    except InputError as error:
        assert str(error).startswith("a.srt")
    else:
        assert all(cue.start < cue.end and cue.text for cue in cues)
        assert all(before.end <= cue.start for before, cue in itertools.pairwise(cues))
