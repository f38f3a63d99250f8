from __future__ import annotations

import pytest

from avgen.errors import InputError
from avgen.text import Pause, read_script
from avgen.text.markup import Written, read_document


def written(text: str) -> list[list[str]]:
    return [
        [item.text for item in block if isinstance(item, Written)]
        for block in read_document(text, "script").blocks
    ]


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("One two.\n\n  \nThree.", [["One", "two."], ["Three."]]),
        ("One\r\ntwo\r\n\r\nthree", [["One", "two"], ["three"]]),
        ("\ufeffHello there", [["Hello", "there"]]),
        ("# A heading #\nand text", [["A", "heading"], ["and", "text"]]),
        ("- one\n- two\n* three", [["one", "two", "three"]]),
        ("1. First\n2) Second", [["1,", "First", "2,", "Second"]]),
        ("> quoted text", [["quoted", "text"]]),
        ("before\n---\nafter", [["before"], ["after"]]),
        (
            "**bold** and *italic* and `code` and ~~gone~~",
            [["bold", "and", "italic", "and", "code", "and", "gone"]],
        ),
        ("2 * 3 * 4", [["2", "*", "3", "*", "4"]]),
        ("see [the docs](https://example.com/a_b) now", [["see", "the", "docs", "now"]]),
        ("a [remark] stays", [["a", "[remark]", "stays"]]),
        ("[tomato](/təˈmeɪtoʊ/), please", [["tomato,", "please"]]),
        ("[New York](/nˈu jˈɔɹk/)!", [["New York!"]]),
    ],
)
def test_paragraphs_and_words(text: str, paragraphs: list[list[str]]) -> None:
    assert written(text) == paragraphs


def test_lines_are_numbered_from_one() -> None:
    (first,), (second,) = read_document("\nfirst\n\n# second", "script").blocks
    assert isinstance(first, Written) and isinstance(second, Written)
    assert (first.line, second.line) == (2, 4)


@pytest.mark.parametrize(
    "mark", ["[pause 0.8]", "[PAUSE 0.8]", "[pause: 0.8]", "[pause 800ms]", "[pause .8 s]"]
)
def test_pause_mark(mark: str) -> None:
    (block,) = read_document(f"Wait {mark} now", "script").blocks
    assert block[1] == Pause(0.8)


def test_pronunciation_reaches_the_symbols() -> None:
    (sentence,) = read_script("I say [tomato](/təˈmeɪtoʊ/), not [New York](/nˈu jˈɔɹk/).").sentences
    spoken = {word.text: "".join(word.phonemes) for word in sentence.words}
    assert spoken["tomato,"] == "təmˈAtO"
    assert spoken["New York."] == "nˈu jˈɔɹk"


def test_the_word_before_a_pronunciation_hears_its_vowel() -> None:
    (sentence,) = read_script("the [apple](/ˈæpᵊl/)").sentences
    assert "".join(sentence.words[0].symbols) == "ði"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "Hi.\n[paus 1] there",
            "script line 2: '[paus 1]' is not a command; write a pause in seconds: [pause 0.8]",
        ),
        ("[pause]", "is not a command"),
        ("[pause x]", "is not a command"),
        ("[break 1s]", "is not a command"),
        ("[pause -1]", "is not a command"),
        ("[pause 11]", "script line 1: '[pause 11]' is longer than 10 seconds"),
        ("\n\n[x](/tχ/)", "script line 3: cannot speak χ in '[x](/tχ/)'"),
        ("[x](//)", "nothing to say"),
        ("[x](/ˈ/)", "nothing to say"),
        ("[tomato](təmˈAto)", "is not a pronunciation"),
        ("[tomato](/təmˈAto", "is not a pronunciation"),
    ],
)
def test_broken_marks_name_the_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_script(text)
    assert message in str(error.value)
