"""Whatever marks stand in a text: it is read or refused clearly, and the time grows with its length."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avgen.errors import InputError
from avgen.text import Script, check_script, read_script
from avgen.text.markup import read_document

MARKS = [
    *(
        "Hello",
        "there.",
        "25",
        "$5",
        " ",
        " ",
        "\n",
        "\n\n",
        "👋",
        "—",
        "²",
        "①",
        "Nº",
        "1º",
        "nega-",
        "tive",
    ),
    *("$", "$$", "$x$", "\\frac", "\\(", "\\)", "\\[", "\\]", "{", "}", "^2", "_a", "\\", "\\*"),
    *("<b>", "</b>", "<br>", "<p>", "</p>", "<ol>", "<li>", "<tr>", "<td>", "</td>", "<h1>", "<sup>2</sup>"),
    *("<speak>", "</speak>", "<break/>", "<s>", "</s>", "<mark name='m'/>", "<prosody rate='slow'>"),
    *("</prosody>", "<sub alias='a b'>x</sub>", "<think>", "</think>", "<!--", "-->", "<![CDATA[", "]]>"),
    *("&amp;", "&lt;", "&#0;", "&#xD800;", "<", "<x", "&", "' ", '"', "\u00ad", "\ue000", "1\ue001"),
    *("`", "``", "```", "~~~", "|", "|---|", "| a | b |", "- ", "[x] ", "1. ", "I. ", "II. ", "# ", "> "),
    *("*a*", "**", "_", "[^1]", "[3]", "[a][1]", "[^1]: ", "[l]: http://x.y", "[tomato](/təˈmAtO/)"),
    *("[pause 1]", "[emotion sad]", "[voice ada]", "{name}", "%s", "[Name]"),
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(MARKS), min_size=1, max_size=10))
def test_any_marks_are_read_or_refused_clearly(parts: list[str]) -> None:
    text = "".join(parts)
    refusals = []
    for read in (read_script, check_script):
        try:
            script = read(text, source="talk.txt")
        except InputError as error:
            assert str(error).startswith("talk.txt") and "\ue000" not in str(error)
            refusals.append(str(error))
            continue
        refusals.append("")
        if isinstance(script, Script):
            assert all(word.text and word.phonemes for word in script.words)
            assert not any("\ue000" in sentence.text for sentence in script.sentences)
    assert refusals[0] == refusals[1]


def test_blocks_of_code_in_a_row_are_no_recursion() -> None:
    read_document("```\n" * 5000 + "Hi.", "script")


def refuse_or_read(text: str) -> None:
    with contextlib.suppress(InputError):
        read_document(text, "script")


def calls(text: str) -> int:
    """Calls of functions while a text is read."""
    count = 0

    def count_call(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(count_call)
    try:
        refuse_or_read(text)
    finally:
        sys.setprofile(None)
    return count


UNCLOSED = [
    *(
        " _a",
        " *a",
        " **a",
        " ~~a",
        " `a",
        "``a",
        " [a](",
        "[a](/x",
        "[pause ",
        "[emotion ",
        "[voice ",
        "[a",
        "[^a",
    ),
    *("<a", '<a x="', "<!--", "<![CDATA[", "<?", "<a@", "<a.", "&a", "$a", "$$", "\\(", "\\[a", "\\frac"),
    *(
        "{a ",
        "%(",
        "<<a",
        "~~~",
        "#",
        "# ",
        "> ",
        "| ",
        "a-",
        "— ",
        "¹",
        "[1,",
        "(",
        "[ ",
        "\u00ad",
        "a-\nb ",
    ),
]


@pytest.mark.parametrize("unit", UNCLOSED)
def test_unclosed_marks_take_steps_in_line_with_their_number(unit: str) -> None:
    small, large = (calls("Hello " + unit * count) for count in (500, 2000))
    assert large < 6 * small


@pytest.mark.parametrize("unit", UNCLOSED)
def test_patterns_do_not_go_over_a_line_of_unclosed_marks_again_and_again(unit: str) -> None:
    spent = []
    gc.disable()  # going through all that other tests have left takes longer than the text
    try:
        for length in (15_000, 60_000):
            before = time.process_time()
            refuse_or_read("Hello " + unit * (length // len(unit)))
            spent.append(time.process_time() - before)
    finally:
        gc.enable()
    assert spent[1] < 8 * max(spent[0], 0.1)  # a pattern that is quadratic takes 16 times as long
