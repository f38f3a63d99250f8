from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from avgen.text import read_script

with Path(__file__).with_name("heteronyms.tsv").open(encoding="utf-8", newline="") as file:
    SENTENCES = list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.parametrize("row", SENTENCES, ids=lambda row: row["sentence"])
def test_a_word_of_two_sounds_is_read_as_its_sentence_asks(row: dict[str, str]) -> None:
    words = read_script(row["sentence"]).words
    spoken = ["".join(word.phonemes) for word in words if re.sub(r"\W", "", word.text).lower() == row["word"]]
    assert row["phonemes"] in spoken


def test_every_heteronym_is_tested_in_both_ways() -> None:
    sounds = {row["word"]: set[str]() for row in SENTENCES}
    for row in SENTENCES:
        sounds[row["word"]].add(row["phonemes"])
    central = (
        "read live lives lead close object project resume content minute wind winds desert present record"
    )
    assert all(len(sounds[word]) == 2 for word in central.split())
