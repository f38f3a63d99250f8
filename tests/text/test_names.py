from __future__ import annotations

import pytest

from avgen.text import read_script
from avgen.text.names import NAMES, PHRASES
from avgen.text.phonemes import SOUNDS, STRESS, VOWELS


def spoken(text: str) -> str:
    return " ".join("".join(word.phonemes) for word in read_script(text).words)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("Siobhan and Saoirse", "ʃəvˈɔn ænd sˈɜɹʃə"),
        ("Xi Jinping", "ʃˈi ʤɪnpˈɪŋ"),
        ("Nguyen's", "wˈɪnz"),
        ("Sean's", "ʃˈɔnz"),
        ("Goethe's", "ɡˈɜɹTəz"),
        ("Siobhán", "ʃəvˈɔn"),
        ("La Jolla", "lˌɑ hˈYə"),
        ("Des Moines", "də mˈYn"),
        ("Des Moines's", "də mˈYnz"),
        ("Pan Am's jet", "pˌæn ˈæmz ʤˈɛt"),
        ("Kubernetes", "kˌubəɹnˈɛTiz"),
        ("nginx", "ˌɛnʤənˈɛks"),
        ("NGINX", "ˌɛnʤənˈɛks"),
        ("README", "ɹˈidmi"),
        ("the [tomato](/təmˈAtO/)'s skin", "ðə təmˈAtOz skˈɪn"),
        ("[ a [bus](/bˈʌs/)", "ɐ bˈʌs"),
        ("the [bus](/bˈʌs/)'s door", "ðə bˈʌsᵻz dˈɔɹ"),
    ],
)
def test_names_are_said_as_people_say_them(text: str, symbols: str) -> None:
    assert spoken(text) == symbols


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("pwd", "pˌidˌʌbᵊljudˈi"),
        ("btw", "bˌitˌidˈʌbᵊlju"),
        ("Btw", "bˌitˌidˈʌbᵊlju"),
        ("www", "dˌʌbᵊljudˌʌbᵊljudˈʌbᵊlju"),
        ("wc", "dˌʌbᵊljusˈi"),
        ("ufc", "jˌuˌɛfsˈi"),
        ("apis", "ˌApˌiˈIz"),
        ("How're you", "hˈWəɹ ju"),
        ("There're two", "ðˈɛɹəɹ tˈu"),
        ("there've been", "ðˈɛɹəv bˌɪn"),
        ("w-what", "wə wˌʌt"),
        ("th-that", "ðə ðæt"),
        ("b-b-but", "bə bə bˌʌt"),
        ("s-stop", "sə stˈɑp"),
        ("t-test", "tˈitˌɛst"),
        ("no-no", "nˈOnˈO"),
        ("th' end", "ðə ˈɛnd"),
        ("rip it", "ɹˈɪp ɪt"),
        ("hmm", "hmm"),
    ],
)
def test_small_words(text: str, symbols: str) -> None:
    assert spoken(text).replace("ˌ", "").replace("ˈ", "") == symbols.replace("ˌ", "").replace("ˈ", "")


def test_the_tables_speak_the_alphabet_with_stress_before_vowels() -> None:
    sounds = [*NAMES.values(), *(sound.rstrip(",") for sounds in PHRASES.values() for sound in sounds)]
    for symbols in sounds:
        assert set(symbols) <= SOUNDS | STRESS | {"_"}, symbols
        assert all(symbols[i + 1] in VOWELS for i, mark in enumerate(symbols) if mark in STRESS), symbols


def test_every_phrase_has_a_sound_for_each_word() -> None:
    assert all(len(phrase.split()) == len(sounds) for phrase, sounds in PHRASES.items())
