from __future__ import annotations

import os
from pathlib import Path

import pytest

from avgen.errors import InputError
from avgen.text import Lexicon, check_script, read_lexicon, read_script
from avgen.text.lexicon import MAX_BYTES, Entry

LEXICON = Lexicon(
    (
        Entry("tomato", "/təˈmɑtoʊ/"),
        Entry("Avgen", "av jen"),
        Entry("iOS", "eye oh ess"),
        Entry("New York City", "/nˈu jˈɔɹk/"),
        Entry("New York", "the big apple"),
        Entry("C++", "see plus plus"),
        Entry("lead", "/lˈɛd/", "noun"),
        Entry("你好", "/nˈihˌW/"),
        Entry("Sean", "seen"),
    )
)


def spoken(text: str, lexicon: Lexicon | None = LEXICON) -> str:
    script = read_script(text, lexicon=lexicon)
    return " ".join("".join(word.symbols) for word in script.words)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("Tomato!", "təmˈɑtO!"),
        ("the “TOMATO”", "ðə təmˈɑtO."),
        ("a tomato's skin", "ɐ təmˈɑtOz skˈɪn."),
        ("a tomato’s skin", "ɐ təmˈɑtOz skˈɪn."),
        ("two tomatoes", "tˈu təmˈATOz."),
        ("a tomato-based soup", "ɐ təmˈɑtO bˈAst sˈup."),
        ("New York City.", "nˈu jˈɔɹk."),
        ("new york,", "ðə bˈɪɡ ˈæpᵊl,"),
        ("iOS", "ˈI ˈO ˈɛs."),
        ("C++, yes", "sˈi plˈʌs plˈʌs, jˈɛs."),
        ("the lead is heavy", "ðə lˈɛd ɪz hˈɛvi."),
        ("they lead us", "ðA lˈid ˌʌs."),
        ("Sean's", "sˈinz."),
        ("你好!", "nˈihˌW!"),
        ("[tomato](/təˈmeɪtoʊ/)", "təmˈAtO."),
    ],
)
def test_entries_are_spoken(text: str, symbols: str) -> None:
    assert spoken(text).endswith(symbols)


@pytest.mark.parametrize("text", ["IOS", "ios", "tomatoes", "automato", "tomato.com", "me@tomato.org"])
def test_what_is_no_entry_is_left_alone(text: str) -> None:
    assert spoken(f"Say {text} now") == spoken(f"Say {text} now", None)


def test_the_text_is_kept_as_written() -> None:
    script = read_script("Here is New York City, C++ and Avgen’s tomato.", lexicon=LEXICON)
    assert [word.text for word in script.words] == [
        "Here", "is", "New York City,", "C++", "and", "Avgen’s", "tomato."
    ]  # fmt: skip


def test_checking_knows_the_lexicon() -> None:
    check_script("你好!", lexicon=LEXICON)
    with pytest.raises(InputError):
        check_script("你好!")


def test_the_digest_is_of_the_content() -> None:
    one, two = Entry("one", "won"), Entry("two", "too")
    assert Lexicon((one, two)).digest == Lexicon((two, one)).digest
    assert len({Lexicon(entries).digest for entries in ((), (one,), (two,), (one, two))}) == 4
    assert Lexicon((Entry("two", "too", "noun"),)).digest != Lexicon((two,)).digest


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text(
        '\ufeffword,spoken,pos\ntomato,/təˈmɑtoʊ/,\n\n"New York, NY",the city\n'
        "lead,/lɛd/,noun\nlead,leed,verb\n",
        encoding="utf-8",
    )
    lexicon = read_lexicon(path)
    assert lexicon.entries == (
        Entry("tomato", "/təˈmɑtoʊ/"),
        Entry("New York, NY", "the city"),
        Entry("lead", "/lɛd/", "noun"),
        Entry("lead", "leed", "verb"),
    )
    assert spoken("He left New York, NY today.", lexicon) == "hˌi lˈɛft ðə sˈɪTi tədˈA."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("tomato,x\n", "line 1: the first line must be word,spoken or word,spoken,pos"),
        ("word,spoken\ntomato,/tχ/\n", "line 2: cannot speak χ in '/tχ/'"),
        ("word,spoken\n\ntomato,\n", "line 3: spoken is empty"),
        ("word,spoken\n,x\n", "line 2: word is empty"),
        ("word,spoken\ntomato,//\n", "line 2: nothing to say in '//'"),
        ("word,spoken\ntomato,...\n", "line 2: nothing to say in '...'"),
        ("word,spoken\ntomato,你好\n", "line 2: cannot speak '你好' (Chinese or Japanese letters)"),
        ("word,spoken\n!!,x\n", "line 2: '!!' is not a word"),
        ("word,spoken\ntomato,a\nx,y\nTomato,b\n", "line 4: 'Tomato' stands in line 2 already"),
        ("word,spoken,pos\ntomato,a,thing\n", "line 2: 'thing' is not a part of speech"),
        ("word,spoken,pos\na b,c,noun\n", "only a single word can have a part of speech"),
        ("word,spoken\ntomato,a,noun\n", "line 2: 3 cells, expected word,spoken"),
        ("word,spoken\ntomato\n", "line 2: 1 cells"),
        (f"word,spoken\n{'x' * 101},a\n", "line 2: word has 101 characters, at most 100"),
        (f"word,spoken\nx,{'a' * 301}\n", "line 2: spoken has 301 characters, at most 300"),
        ('word,spoken\n"x,a\n', "line 2: not valid CSV"),
        ("word,spoken\nx,\x1b[0m\n", "line 2: control character U+001B"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "words.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_lexicon(path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)


def test_other_encodings_sizes_and_no_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_bytes(b"word,spoken\ncaf\xe9,x\n")
    with pytest.raises(InputError, match="line 2: not UTF-8"):
        read_lexicon(path)
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match="more than"):
        read_lexicon(path)
    os.mkfifo(tmp_path / "pipe")
    for missing in (tmp_path / "none.csv", tmp_path / "pipe", tmp_path):
        with pytest.raises(InputError, match="no such file"):
            read_lexicon(missing)
