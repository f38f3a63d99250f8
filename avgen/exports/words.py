"""When every word and phoneme is heard, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from avgen.exports import Material
from avgen.exports.cues import sentences, shown, spoken_words, text_of
from avgen.types import Interval


def write_words(material: Material, path: Path) -> None:
    """Write words, phonemes, sentences and the script's marks with their times.

    Times are in seconds from the start of the video, whose length is `duration`; a phoneme may be a pause. A
    sentence names its first word and the one after its last by their places in `words`.
    """
    words, tokens = spoken_words(material), material.tokens
    values = {
        "duration": _rounded(material.seconds),
        "sentences": _sentences(list(sentences(words, tokens))),
        "words": [_timed("word", word) for word in words],
        "phonemes": [_timed("phoneme", one) for one in shown(tokens.phonemes, material.seconds)],
        "marks": [{"mark": mark.label, "time": _rounded(mark.start)} for mark in tokens.marks],
        "label_set": tokens.label_set,
    }
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _sentences(spoken: Sequence[tuple[Interval, ...]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    first = 0
    for words in spoken:
        whole = Interval(text_of(words), words[0].start, words[-1].end)
        rows.append({**_timed("text", whole), "first": first, "stop": first + len(words)})
        first += len(words)
    return rows


def _timed(what: str, interval: Interval) -> dict[str, Any]:
    return {what: interval.label, "start": _rounded(interval.start), "end": _rounded(interval.end)}


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
