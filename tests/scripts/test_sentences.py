"""Training sentences: the evaluation text stays out, templates expand to clean sentences."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest

from scripts.mira.sentences import EVAL_SENTENCES, HERE, SENTENCE, Exclusion, Grammar, tidy, wordnet

EVALUATION = EVAL_SENTENCES.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def excluded() -> Exclusion:
    return Exclusion(EVALUATION)


def test_every_evaluation_sentence_is_excluded_however_it_is_written(excluded: Exclusion) -> None:
    assert len(EVALUATION) == 100
    for sentence in EVALUATION:
        assert excluded(sentence) and excluded(sentence.upper().replace(",", " -"))
        assert excluded(f"Well, {sentence}") and excluded(" ".join(sentence.split()[:4]))


def test_other_sentences_and_short_phrases_are_kept(excluded: Exclusion) -> None:
    assert not excluded("The price of the bridge rose.")
    assert not excluded("Good morning.")


def test_grammar_gives_clean_varied_sentences_from_a_seed() -> None:
    first, again = (list(islice(Grammar(HERE / "grammar.yaml", random.Random(4)), 800)) for _ in range(2))
    assert first == again and len(set(first)) > 650
    broken = [text for text in first if "{" in text or "  " in text or not SENTENCE.fullmatch(text)]
    assert not broken


def test_tidy_sets_case_article_and_stop() -> None:
    assert tidy("a orange , a key") == "An orange, a key."
    assert tidy('"is it?" asked Ann.') == '"Is it?" asked Ann.'


def test_wordnet_examples_are_read(tmp_path: Path) -> None:
    for part in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"data.{part}").write_text('0 | a gloss; "he ran to the old mill"; "lone"\n')
    assert wordnet(tmp_path, random.Random(0)) == ["He ran to the old mill."]
