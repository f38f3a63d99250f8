from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avgen.emotion import Emotion
from avgen.errors import InputError
from avgen.gestures import MARK
from avgen.text import Pause, Script, check_script, read_script
from avgen.text.labels import read_symbols

TOKENS = [
    *(
        "the",
        "read",
        "apple",
        "well-known",
        "don’t",
        "O'Brien",
        "NASA",
        "CPUs",
        "iPhone",
        "café",
        "Nooo",
        "a",
        "I",
    ),
    *(
        "25",
        "1,250",
        "3.14",
        "$5.50",
        "£3m",
        "9:30",
        "am",
        "20°C",
        "5",
        "km",
        "50%",
        "10–20",
        "1/2",
        "½",
        "1990s",
    ),
    *(
        "Nov",
        "21,",
        "2026",
        "3/4/2025",
        "Dr.",
        "St.",
        "e.g.",
        "No.",
        "vs.",
        "etc.",
        "U.S.",
        "J.",
        "Chapter",
        "IV",
    ),
    *(
        "example.com/docs",
        "me@example.com",
        "#Tag",
        "@name",
        "v2.1",
        "(555)",
        "123-4567",
        "+44",
        "(big)",
        "x²",
    ),
    *(
        "—",
        "–",
        "-",
        "...",
        "“Hello,”",
        "'quoted'",
        "!",
        "👋",
        "&",
        "+",
        "=",
        "©",
        "™",
        "word,",
        "end.",
        "what?!",
    ),
]


def check(script: Script) -> None:
    """What every script promises to the stages after it."""
    assert script.sentences
    for sentence in script.sentences:
        assert sentence.words
        assert sentence.symbols[-1] in ".!?…,;:—"
        assert read_symbols(sentence.symbols)
        for word, (start, stop) in zip(sentence.words, sentence.spans, strict=True):
            assert word.phonemes
            assert sentence.symbols[start:stop] == word.phonemes


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60) | st.lists(st.sampled_from(TOKENS), max_size=5).map("".join))
def test_any_text_is_read_or_refused_clearly(text: str) -> None:
    try:
        check(read_script(text, source="talk.txt"))
    except InputError as error:
        assert str(error).startswith("talk.txt")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=14))
def test_nothing_written_is_lost(tokens: list[str]) -> None:
    text = " ".join(["Hello", *tokens])
    script = read_script(text)
    check(script)
    assert " ".join(word.text for word in script.words) == text


def test_a_sentence_is_words_with_their_own_symbols() -> None:
    (sentence,) = read_script("I read “25” books — 👋 twice.").sentences
    assert "".join(sentence.symbols) == "ˌI ɹˈɛd twˈɛnti fˈIv bˈʊks — twˈIs."
    spoken = ["".join(sentence.symbols[start:stop]) for start, stop in sentence.spans]
    assert [word.text for word in sentence.words] == ["I", "read", "“25”", "books — 👋", "twice."]
    assert spoken == ["ˌI", "ɹˈɛd", "twˈɛnti fˈIv", "bˈʊks", "twˈIs"]


def test_timeline_puts_silence_between_sentences_and_paragraphs() -> None:
    script = read_script("[pause 1] One. Two.\n\nThree. [pause 2] Four.\n\n[pause 3]\n\nFive.")
    shown = [item.seconds if isinstance(item, Pause) else item.text for item in script.timeline(0.3, 0.6)]
    assert shown == [1.0, "One.", 0.3, "Two.", 0.6, "Three.", 2.0, "Four.", 3.0, "Five."]


def test_sentences_know_their_lines() -> None:
    script = read_script("One.\n\nTwo is\nlong. Three.\n# Four")
    assert [(sentence.text, sentence.line) for sentence in script.sentences] == [
        ("One.", 1),
        ("Two is long.", 3),
        ("Three.", 4),
        ("Four", 5),
    ]


def test_text_before_a_pause_goes_on_after_it() -> None:
    first, second = read_script("Ready [pause 1] go").sentences
    assert (first.symbols[-1], second.symbols[-1]) == (",", ".")


def test_long_sentences_are_cut_at_clauses_and_nothing_is_dropped() -> None:
    text = ", ".join(f"number {i} of the very long list" for i in range(60)) + "."
    sentences = read_script(text).sentences
    assert len(sentences) > 3
    assert all(len(sentence.symbols) <= 300 for sentence in sentences)
    assert all(sentence.symbols[-1] == "," for sentence in sentences[:-1])
    assert [sentence.complete for sentence in sentences] == [False] * (len(sentences) - 1) + [True]
    assert " ".join(sentence.text for sentence in sentences) == text


def test_a_long_sentence_without_clauses_is_cut_between_words() -> None:
    text = "very " * 200 + "long"
    sentences = read_script(text).sentences
    assert all(len(sentence.symbols) <= 301 for sentence in sentences)
    assert " ".join(sentence.text for sentence in sentences) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "talk.txt: there is nothing to speak"),
        (" \n\t\n", "talk.txt: there is nothing to speak"),
        ("[pause 1]", "talk.txt: there is nothing to speak"),
        ("Hello.\n\n???", "talk.txt line 3: cannot speak '???' (nothing to say in it)"),
        ("🎉🎉", "talk.txt line 1: cannot speak '🎉🎉' (nothing to say in it)"),
        ("Hello.\nI say 你好 to you.", "talk.txt line 2: cannot speak '你好' (Chinese or Japanese letters)"),
        ("Hello привет.", "talk.txt line 1: cannot speak 'привет.' (Cyrillic letters)"),
        ("مرحبا", "(Arabic letters); respell it in English, or write how it sounds: [tomato](/təˈmeɪtoʊ/)"),
        (
            "x" * 501,
            "talk.txt line 1: cannot speak 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' (a word of 501",
        ),
        ("caf\ufffd", "was the file saved in another encoding than UTF-8?"),
    ],
)
def test_what_cannot_be_spoken_names_the_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_script(text, source="talk.txt")
    assert message in str(error.value)


def test_foreign_words_can_be_spoken_with_a_pronunciation() -> None:
    (sentence,) = read_script("Say [你好](/nˈihˌW/) to her.").sentences
    assert "".join(sentence.words[1].symbols) == "nˈihˌW"


def test_an_emotion_mark_holds_until_the_next() -> None:
    script = read_script(
        "Plain. [emotion happy:0.7] Glad now.\n\nStill glad.\n\n[emotion neutral]\n\n"
        "Done [Emotion: sad] or not."
    )
    happy, sad = (0.7, 0.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0, 0.0)
    assert [(s.text, s.emotion) for s in script.sentences] == [
        ("Plain.", None),
        ("Glad now.", happy),
        ("Still glad.", happy),
        ("Done", (0.0,) * 5),
        ("or not.", sad),
    ]
    assert len(script.paragraphs) == 3


def test_a_voice_mark_holds_until_the_next() -> None:
    script = read_script(
        "Before. [voice ada] Ada here, [voice: Ben] and Ben.\n\nStill Ben.\n\n[emotion sad][voice ada:2,ben] "
        "Both. It is her voice [voice-over] now.",
        voices=("ada", "ben"),
    )
    said = [(sentence.text, sentence.voice and str(sentence.voice)) for sentence in script.sentences]
    assert said == [
        ("Before.", None),
        ("Ada here,", "ada"),
        ("and Ben.", "ben"),
        ("Still Ben.", "ben"),
        ("Both.", "ada:2,ben:1"),
        ("It is her voice [voice-over] now.", "ada:2,ben:1"),
    ]
    assert script.sentences[-1].emotion == Emotion(sad=1.0)


@pytest.mark.parametrize("read", [read_script, check_script])
@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("[voice]", "'' names no voice. Write a name, or a mix such as ada:0.6,ben:0.4."),
        ("[voice ada ben]", "'ada ben' names no voice."),
        ("[voice ada:0,ben:1]", "expected a share greater than 0, got '0' in 'ada:0,ben:1'."),
        ("[voice adda]", "unknown voice 'adda'. Did you mean 'ada'?"),
    ],
)
def test_a_wrong_voice_mark_names_its_line(read: Callable[..., object], mark: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read(f"Fine.\nNot {mark} fine.", source="talk.txt", voices=("ada", "ben"))
    assert str(error.value).startswith(f"talk.txt line 2: '{mark}': {said}")


def test_gestures_are_marks_at_their_words() -> None:
    script = read_script("You, [point you] and I. [Count 3] Three, [shrug] maybe. [hands rest]")
    assert [(mark.name.removeprefix(MARK), mark.word) for mark in script.marks] == [
        ("point you", 1),
        ("count 3", 3),
        ("shrug", 4),
        ("hands rest", 5),
    ]
    assert [word.text for word in read_script("It has [count] of [point taken](https://a.org).").words] == [
        *("It", "has", "[count]", "of", "point", "taken.")
    ]


@pytest.mark.parametrize("mark", ["[point him]", "[count 6]", "[hands up]", "[count to 3]"])
def test_a_wrong_gesture_names_its_line(mark: str) -> None:
    with pytest.raises(InputError, match=r"talk\.txt line 2: '\[.*\]': expected one of \[point you\], "):
        read_script(f"Hello.\n{mark} there.", source="talk.txt")


@pytest.mark.parametrize("mark", ["[emotion hapy:0.7]", "[emotion]", "[emotions]", "[emotion happy:2]"])
def test_a_wrong_emotion_mark_names_its_line(mark: str) -> None:
    with pytest.raises(InputError, match=r"line 2: .*emotion"):
        read_script(f"Hello.\n{mark} there.")


def refusal(read: object, text: str) -> str | None:
    try:
        read(text, source="talk.txt", first_line=7)  # type: ignore[operator]
    except InputError as error:
        return str(error)
    return None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [*TOKENS, "\n", "\n\n", "---", "—", "!!!", "你好", "[pause 1]", "[pause", "[x](/7/)"]
            ),
            st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',.!?;:", max_size=8),
        ),
        max_size=8,
    )
)
def test_checking_refuses_what_reading_refuses(parts: list[str]) -> None:
    text = " ".join(parts)
    assert refusal(check_script, text) == refusal(read_script, text)


def test_lines_count_from_the_first() -> None:
    assert "talk.txt line 8: cannot speak" in str(refusal(read_script, "Hello.\n你好"))
