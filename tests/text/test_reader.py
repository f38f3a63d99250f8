from __future__ import annotations

from avgen.text import Pause, Sentence, read_script


def test_a_sentence_is_words_with_their_own_symbols() -> None:
    (sentence,) = read_script("I read 25 books.").sentences
    assert "".join(sentence.symbols) == "ˌI ɹˈɛd twˈɛnti fˈIv bˈʊks."
    spoken = ["".join(sentence.symbols[start:stop]) for start, stop in sentence.spans]
    assert [word.text for word in sentence.words] == ["I", "read", "25", "books."]
    assert spoken == ["ˌI", "ɹˈɛd", "twˈɛnti fˈIv", "bˈʊks"]


def test_timeline_puts_silence_between_sentences_and_paragraphs() -> None:
    timeline = list(read_script("One. Two.\n\nThree. [pause 2] Four.").timeline(0.3, 0.6))
    shown = [item.seconds if isinstance(item, Pause) else item.text for item in timeline]
    assert shown == ["One.", 0.3, "Two.", 0.6, "Three.", 2.0, "Four."]
    assert all(isinstance(item, Sentence | Pause) for item in timeline)
