"""Time the phones of a corpus by a trained extractor: for voices with too few sentences to fit an aligner on.

    python -m scripts.train.time_labels work/corpora/crowd --extractor work/runs/extractor

Viterbi over the extractor's posteriors, every phone expected at its place in the duration table less what
the audio runs ahead of it, writes phones_XXX.jsonl beside every shard, as scripts.mira.align does; those
that are there are made anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
import yaml

from avgen.speech.extractor import WhisperExtractor
from avgen.stages.transcript import tolerant
from avgen.text.labels import label_index
from avgen.types import CODE_RATE, FloatArray
from scripts.mira.align import TABLE_LEAD, phones_path, utterance_table, viterbi, write_phones
from scripts.mira.phones import Phone, is_pause
from scripts.voices.corpus import Corpus

SLACK: Final = 9.0
"""Frames by which a phone may leave its place in the table without a penalty."""


def load_extractor(run: Path) -> WhisperExtractor:
    """The extractor of a run of scripts.train.train_extractor."""
    config = yaml.safe_load((run / "extractor.yaml").read_text(encoding="utf-8"))
    return WhisperExtractor.load(config, run / "extractor.safetensors")


def time_phones(logits: FloatArray, table: Sequence[Phone]) -> list[Phone]:
    """Phones of a table at the times at which they are heard.

    Args:
        logits: [N, 88] of the extractor.
        table: phones by the duration table; the first and the last are pauses.

    Returns:
        The same phones, covering [0, N / CODE_RATE]; pauses inside may have no length.
    """
    labels = np.array([label_index(phone.name, phone.stress) for phone in table])
    skippable = np.array([is_pause(phone.name) for phone in table])
    skippable[[0, -1]] = False
    expected = np.array([(phone.middle - TABLE_LEAD) * CODE_RATE for phone in table])
    scores = tolerant(logits)[:, labels].astype(np.float64)
    path = viterbi(scores, skippable, expected, SLACK)
    ends = np.searchsorted(path, np.arange(len(table)), side="right") / CODE_RATE
    starts = [0.0, *ends[:-1]]
    return [Phone(p.name, p.stress, float(a), float(b)) for p, a, b in zip(table, starts, ends, strict=True)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--extractor", type=Path, required=True, help="folder of a training run")
    args = parser.parse_args()
    torch.set_num_threads(1)
    corpus, extractor = Corpus(args.corpus), load_extractor(args.extractor)
    found: dict[int, dict[int, list[Phone]]] = {}
    for number, row in enumerate(corpus.rows):
        utterance = corpus[number]
        table = utterance_table(utterance.ids, utterance.durations)
        timed = time_phones(extractor.logits(corpus.samples(number)), table)
        found.setdefault(row["shard"], {})[utterance.id] = timed
    for shard, phones in found.items():
        write_phones(phones_path(args.corpus, shard), phones)


if __name__ == "__main__":
    main()
