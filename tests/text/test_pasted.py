"""Text pasted from web pages, documents and language models is reduced to what is read aloud."""

from __future__ import annotations

import pytest

from avgen.errors import InputError
from avgen.text import read_script


def spoken(text: str) -> list[str]:
    sentences = read_script(text).sentences
    return [" ".join(word.spoken for word in sentence.words) for sentence in sentences]


def written(text: str) -> list[str]:
    return [sentence.text for sentence in read_script(text).sentences]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A&mdash;B, it&#39;s R&amp;D.", ["A—B, it's R&D."]),
        ("One<br>two<br/>three", ["One", "two", "three"]),
        ("Hello <b>bold</b>, <a href='x'>world</a>", ["Hello bold, world"]),
        ("Hi <!-- not\n\nthis --> you", ["Hi you"]),
        ("<p>One</p><p>Two</p>", ["One", "Two"]),
        ("<h2>Title</h2>Text", ["Title", "Text"]),
        ("<ul><li>one</li><li>two</li></ul>", ["one", "two"]),
        ("<ol start='3'>\n<li>One</li>\n<li>Two</li>\n</ol>", ["3, One", "4, Two"]),
        (
            "<table><tr><th>Name</th><th>Age</th></tr><tr><td>Bob</td></tr></table>",
            ["Name, Age", "Bob"],
        ),
        ("See <img src='x' alt='A cat'> here", ["See A cat here"]),
        ("Hi <img src='x'> there", ["Hi there"]),
        ("<!DOCTYPE html><html><head><title>X</title></head><body>Hi</body></html>", ["Hi"]),
        ("<style>p { color: red }</style><script>a < b</script>Hi", ["Hi"]),
        ("<think>\nHm, \n\nlet me see.\n</think>\nThe answer.", ["The answer."]),
        ("x < 3 and I <3 you, a <b", ["x < 3 and I <3 you, a <b"]),
        ("A List<int> of <things>", ["A List<int> of <things>"]),
        (
            "Write to <me@example.com> or <https://example.com>.",
            ["Write to me@example.com or https://example.com."],
        ),
        ("**one *two* three** and __four__", ["one two three and four"]),
        ("Use `**x**` and ``a`b``.", ["Use **x** and a`b."]),
        (r"Not \*bold\* but \_so\_.", ["Not *bold* but _so_."]),
        ('![A cat](cat.png) and [a page](http://x.y/A_(b) "t")', ["A cat and a page"]),
        ("[link][1] and [more][]\n\n[1]: http://example.com", ["link and more"]),
        ("- [x] done\n- [ ] open", ["done", "open"]),
        ("| Name | Age |\n|:---|---:|\n| Bob | 5 |\n| Eve! | |\n| - | - |", ["Name, Age", "Bob, 5", "Eve!"]),
        (
            "It is nega-\ntive and well-\nknown, pre-\nand post-war.",
            ["It is negative and well-known, pre- and post-war."],
        ),
        ("A soft hy\u00ad\nphen", ["A soft hyphen"]),
        ("```python\nprint(1)\n```\nDone.", ["print(1)", "Done."]),
        ("~~~\n[pause 1] **x**\n~~~", ["[pause 1] **x**"]),
        ("* a\n\n```\nnever closed", ["a", "never closed"]),
        ('1. **One**\n2. "Two"', ["1, One", '2, "Two"']),
        ("<ul>\n  <li>One</li>\n  <li>Two</li>\n</ul>", ["One", "Two"]),
        ("One\n<br>\nTwo<br>\n\nThree", ["One", "Two", "Three"]),
        ("[![badge](x.svg)](http://y.z) Hi", ["badge Hi"]),
        ("#\n- [ ]\nHi", ["Hi"]),
        ("[1] Smith wrote.\n[2] Jones too.", ["1, Smith wrote.", "2, Jones too."]),
    ],
)
def test_marks_are_not_written(text: str, expected: list[str]) -> None:
    assert written(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A claim [3]. And more.[12][13] Or two [1, 4], x", ["A claim.", "And more.", "Or two, x."]),
        ("A note.¹ Two words² here", ["A note.", "Two words here."]),
        ("See it[^1] here.\n\n[^1]: A remark.", ["See it here.", "A remark."]),
        ("A note.<sup>1</sup> And x<sup>2</sup>.", ["A note.", "And x squared."]),
        ("Of 5 m² and x² and cm³.", ["Of five square meters and x squared and cubic centimeters."]),
        ("The values [0, 1] and x[2].", ["The values zero, one and x two."]),
    ],
)
def test_footnote_marks_are_silent_and_powers_are_read(text: str, expected: list[str]) -> None:
    heard = spoken(text)
    assert [line.rstrip(".") for line in heard] == [line.rstrip(".") for line in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I. One\nII. Two\nIII. Three", ["one, One", "two, Two", "three, Three"]),
        ("I. Intro\n\nII. Methods", ["one, Intro", "two, Methods"]),
        ("1. One\n2) Two", ["one, One", "two, Two"]),
        ("V. Smith came", ["V Smith came"]),
        ("①②③ and ⑫", ["one two three and twelve"]),
        ("Nº 5", ["number five"]),
        ("the 1º, the 2ª", ["the first, the second"]),
        ("at 20º", ["at twenty degrees"]),
    ],
)
def test_numbers_of_items(text: str, expected: list[str]) -> None:
    assert spoken(text) == expected


def test_what_is_left_out_is_noted() -> None:
    script = read_script("<think>Hm</think>Hi.\nA claim [3].\n\n| * | ! |\n| a | b |")
    assert [(note.line, note.kind, note.text) for note in script.notes] == [
        (1, "silent", "<think>Hm</think>"),
        (2, "silent", "[3]"),
        (4, "silent", "| * | ! |"),
    ]


@pytest.mark.parametrize("name", ["think", "script", "style"])
def test_a_silent_element_without_end_names_its_line(name: str) -> None:
    with pytest.raises(InputError, match=f"script line 2: <{name}> is never closed"):
        read_script(f"Hi.\n<{name}>and so on")


def test_items_of_a_list_are_one_paragraph() -> None:
    script = read_script("<ul>\n  <li>One</li>\n  <li>Two</li>\n</ul>")
    assert len(script.paragraphs) == 1


def test_lines_are_counted_through_what_is_left_out() -> None:
    text = "<!-- a\nb -->\n<think>\n\n</think>\nHi.\n```\nx = 1\n```\n\n<p\nclass='a'>Two.</p>\nThree."
    lines = [(sentence.text, sentence.line) for sentence in read_script(text).sentences]
    assert lines == [("Hi.", 6), ("x = 1", 8), ("Two.", 12), ("Three.", 13)]


@pytest.mark.parametrize(
    "blank",
    [
        *("{name}", "{{ first_name }}", "${name}", "%s", "%(name)s", "[Name]", "[Your Company]", "<<name>>"),
        *("[INSERT DATE HERE]", "[your name]", "[Company name]", "[TODO]", "{0}", "<your name>"),
    ],
)
def test_blanks_are_noted_and_spoken(blank: str) -> None:
    script = read_script(f"Hi.\nDear {blank}, welcome.")
    assert [(note.line, note.kind, note.text) for note in script.notes] == [(2, "placeholder", blank)]
    assert blank in script.sentences[1].text


@pytest.mark.parametrize(
    "text",
    [
        *("[laughs] Hi.", "[Applause] Hi.", "[He] said so.", "[the] end", "50% so, 5 %", "{1, 2}", "f{x"),
        *("[sic] hi", "a [remark] stays", "Use `{name}` here.", "[link](http://x.y)", "x = {a: 1}"),
    ],
)
def test_remarks_are_no_blanks(text: str) -> None:
    assert [note for note in read_script(text).notes if note.kind == "placeholder"] == []
