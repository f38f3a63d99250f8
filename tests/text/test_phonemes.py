from __future__ import annotations

import pytest

from avgen.text.phonemes import PUNCTUATION, SOUNDS, STRESS, from_ipa, pronounce


@pytest.mark.parametrize(
    ("ipa", "symbols"),
    [
        ("təˈmeɪtoʊ", "təmˈAtO"),
        ("təmˈAtO", "təmˈAtO"),
        ("ˈstrɔŋ", "stɹˈɔŋ"),
        ("tʃaɪld", "ʧIld"),
        ("t͡ʃaɪld", "ʧIld"),
        ("ɡɑːrdən", "ɡɑɹdən"),
        ("nˈu  jˈɔɹk", "nˈu jˈɔɹk"),
    ],
)
def test_ipa_is_brought_into_the_alphabet(ipa: str, symbols: str) -> None:
    assert from_ipa(ipa) == symbols


def test_unknown_phonemes_are_named() -> None:
    with pytest.raises(ValueError, match="χ ☃"):
        from_ipa("bɑ☃χ")


def test_weak_forms_follow_the_context() -> None:
    assert pronounce(["the", "apple", "the", "pear"]) == ["ði", "ˈæpᵊl", "ðə", "pˈɛɹ"]


def test_a_piece_of_several_words_keeps_its_symbols_together() -> None:
    assert pronounce(["I", "", "twenty five,", "books."]) == ["ˌI", "", "twˈɛnti fˈIv,", "bˈʊks."]


def test_unknown_words_stay_inside_the_alphabet() -> None:
    words = ["Zorblaxian", "qwrtzp", "Müller", "Nguyễn", "ǎǐǒ", "hmm", "x" * 24]
    spoken = pronounce(words)
    assert all(spoken)
    assert set("".join(spoken)) <= SOUNDS | STRESS | PUNCTUATION | {" "}
