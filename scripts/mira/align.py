"""Realign the teacher's phones to its own audio.

The teacher's duration table runs behind its audio (median 55 ms) and is quantised to 25 ms. A Viterbi
aligner over mel cepstra, with one diagonal Gaussian per phone state, is fitted on part of the corpus by
hard re-estimation and then times every utterance.

    python -m scripts.mira.align corpora/mira --model aligner.npz --fit-hours 1.5
    python -m scripts.mira.align held/mira --model aligner.npz

writes ``phones_XXX.jsonl`` beside every corpus shard: one
``{"id": ..., "phones": [[name, stress, start, end], ...]}`` per line, times in seconds.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.fft import dct

from avgen.types import CODE_RATE
from scripts.mira.phones import BORDER, DIPHTHONGS, Phone, is_pause, table_phones, teacher_symbols

logger = logging.getLogger(__name__)

FloatArray = NDArray[np.float32]
CEPSTRA: Final = 20
TABLE_LEAD: Final = 0.06
"""Seconds by which the audio runs ahead of the duration table."""
SLACK: Final = 10.0
"""Frames by which a state may leave its place in the table without a penalty."""
ROUNDS: Final = 6
VARIANCE_FLOOR: Final = 0.05
"""Share of the total variance that every state has at least."""


def cepstra(mel: NDArray[np.floating]) -> FloatArray:
    """Mel cepstra and their slopes.

    Args:
        mel: [N, 80] natural-log mel.

    Returns:
        [N, 40].
    """
    c = dct(np.asarray(mel, np.float32), norm="ortho", axis=1)[:, :CEPSTRA]
    p = np.pad(c, ((2, 2), (0, 0)), "edge")
    slope = 0.6 * (p[4:] - p[:-4]) + 0.3 * (p[3:-1] - p[1:-3])
    return np.concatenate([c, slope], axis=1)


@njit(cache=True)
def viterbi(scores, skippable, expected, slack):  # type: ignore[no-untyped-def]
    """Best left-to-right path through a chain of states.

    Args:
        scores: [N, S] log-likelihood of state s at frame n.
        skippable: [S] whether a state may be jumped over.
        expected: [S] frame at which a state is expected; farther than ``slack`` costs 0.5 per frame.
        slack: frames.

    Returns:
        [N] state at every frame, from the first to the last state.
    """
    num_frames, num_states = scores.shape
    best = np.full((num_frames, num_states), -1e30)
    step = np.zeros((num_frames, num_states), np.int8)
    best[0, 0] = scores[0, 0]
    for n in range(1, num_frames):
        for s in range(num_states):
            value, move = best[n - 1, s], 0
            if s > 0 and best[n - 1, s - 1] > value:
                value, move = best[n - 1, s - 1], 1
            if s > 1 and skippable[s - 1] and best[n - 1, s - 2] > value:
                value, move = best[n - 1, s - 2], 2
            excess = max(abs(n - expected[s]) - slack, 0.0)
            best[n, s] = value + scores[n, s] - 0.5 * excess
            step[n, s] = move
    path = np.zeros(num_frames, np.int32)
    path[-1] = num_states - 1
    for n in range(num_frames - 1, 0, -1):
        path[n - 1] = path[n] - step[n, path[n]]
    return path


def num_states(name: str) -> int:
    """States of a phone: 1 for pauses, 3 for diphthongs, else 2."""
    if is_pause(name):
        return 1
    return 3 if name in DIPHTHONGS else 2


@dataclass(frozen=True, slots=True)
class Chain:
    """The states of one utterance in order, each array [S]."""

    state: NDArray[np.int64]
    owner: NDArray[np.int64]
    skippable: NDArray[np.bool_]
    expected: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Aligner:
    """One diagonal Gaussian per phone state.

    Attributes:
        offsets: first state of every phone name.
        mean: [K, 40].
        precision: [K, 40] inverse variance.
    """

    offsets: dict[str, int]
    mean: NDArray[np.float64]
    precision: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        mels: Sequence[NDArray[np.floating]],
        tables: Sequence[Sequence[Phone]],
        names: Iterable[str] = (),
        rounds: int = ROUNDS,
    ) -> Aligner:
        """Fit by hard re-estimation, starting from the shifted duration tables.

        Args:
            mels: [N, 80] of every utterance.
            tables: phones of every utterance by the teacher's table.
            names: phones that other utterances may hold beyond those of the tables.
            rounds: passes over the data.
        """
        features = [cepstra(mel) for mel in mels]
        offsets, count = {}, 0
        for name in sorted({p.name for phones in tables for p in phones} | set(names)):
            offsets[name] = count
            count += num_states(name)
        chains = [make_chain(offsets, phones) for phones in tables]
        paths: list[NDArray[np.integer]]
        paths = [_table_path(chain, len(x)) for chain, x in zip(chains, features, strict=True)]
        for _ in range(rounds):
            labels = [chain.state[path] for chain, path in zip(chains, paths, strict=True)]
            aligner = cls(offsets, *_gaussians(features, labels, count))
            paths = [aligner._path(x, chain) for x, chain in zip(features, chains, strict=True)]
        return aligner

    def save(self, path: Path) -> None:
        """Write the model."""
        names = np.array(list(self.offsets))
        np.savez(path, names=names, mean=self.mean, precision=self.precision)

    @classmethod
    def load(cls, path: Path) -> Aligner:
        """Read a model that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            names = [str(name) for name in stored["names"]]
            mean, precision = stored["mean"], stored["precision"]
        sizes = np.array([num_states(name) for name in names])
        offsets = dict(zip(names, (np.cumsum(sizes) - sizes).tolist(), strict=True))
        return cls(offsets, mean, precision)

    def align(self, mel: NDArray[np.floating], table: Sequence[Phone]) -> list[Phone]:
        """Time the phones of one utterance by its audio.

        Args:
            mel: [N, 80].
            table: phones by the teacher's table.

        Returns:
            The same phones, covering [0, N / CODE_RATE]; skipped word borders have zero length.
        """
        chain = make_chain(self.offsets, table)
        owner = chain.owner[self._path(cepstra(mel), chain)]
        ends = np.searchsorted(owner, np.arange(len(table)), side="right") / CODE_RATE
        starts = np.concatenate([[0.0], ends[:-1]])
        timed = zip(table, starts, ends, strict=True)
        return [Phone(p.name, p.stress, float(a), float(b)) for p, a, b in timed]

    def _path(self, features: FloatArray, chain: Chain) -> NDArray[np.int32]:
        used, column = np.unique(chain.state, return_inverse=True)
        mean, precision = self.mean[used], self.precision[used]
        distance = (features**2) @ precision.T - 2 * features @ (mean * precision).T
        distance += (mean**2 * precision).sum(1)
        scores = 0.5 * (0.5 * np.log(precision).sum(1) - 0.5 * distance)
        path: NDArray[np.int32] = viterbi(scores[:, column], chain.skippable, chain.expected, SLACK)
        return path


def make_chain(offsets: dict[str, int], phones: Sequence[Phone]) -> Chain:
    """States of the phones in order, each expected at its place in the table less TABLE_LEAD."""
    state, owner, skippable, expected = [], [], [], []
    for index, phone in enumerate(phones):
        k = num_states(phone.name)
        for part in range(k):
            state.append(offsets[phone.name] + part)
            owner.append(index)
            skippable.append(phone.name == BORDER)
            place = phone.start + phone.duration * (part + 0.5) / k
            expected.append((place - TABLE_LEAD) * CODE_RATE)
    return Chain(np.array(state), np.array(owner), np.array(skippable), np.array(expected))


def _table_path(chain: Chain, num_frames: int) -> NDArray[np.int64]:
    borders = (chain.expected[1:] + chain.expected[:-1]) / 2
    return np.searchsorted(borders, np.arange(num_frames))


def _gaussians(
    features: Iterable[FloatArray], labels: Iterable[NDArray[np.int64]], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    frames = np.zeros(count)
    total, square = np.zeros((count, 2 * CEPSTRA)), np.zeros((count, 2 * CEPSTRA))
    for x, label in zip(features, labels, strict=True):
        np.add.at(frames, label, 1)
        np.add.at(total, label, x)
        np.add.at(square, label, x * x)
    pooled_mean, pooled_square = total.sum(0) / frames.sum(), square.sum(0) / frames.sum()
    mean = (total + pooled_mean) / (frames + 1)[:, None]
    variance = (square + pooled_square) / (frames + 1)[:, None] - mean**2
    floor = VARIANCE_FLOOR * (pooled_square - pooled_mean**2)
    return mean, 1 / (np.maximum(variance, 0) + floor)


def utterance_table(ids: NDArray[np.integer], durations: NDArray[np.integer]) -> list[Phone]:
    """Phones of a corpus utterance by the teacher's own table."""
    names = teacher_symbols()
    return table_phones([names[int(i)] for i in ids], durations)


def phones_path(folder: Path, shard: int) -> Path:
    """Where the timed phones of a corpus shard are kept."""
    return folder / f"phones_{shard:03d}.jsonl"


def read_phones(path: Path) -> dict[int, list[Phone]]:
    """Timed phones of a shard by utterance id."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {line["id"]: [Phone(*entry) for entry in line["phones"]] for line in lines}


def write_phones(path: Path, phones: dict[int, list[Phone]]) -> None:
    """Write the timed phones of a shard; the file appears when whole."""
    lines = []
    for number, timed in phones.items():
        entries = [[p.name, p.stress, round(p.start, 5), round(p.end, 5)] for p in timed]
        lines.append(json.dumps({"id": number, "phones": entries}, ensure_ascii=False) + "\n")
    temporary = path.with_suffix(".tmp")
    temporary.write_text("".join(lines), encoding="utf-8")
    os.replace(temporary, path)


def fit_corpus(folder: Path, hours: float) -> Aligner:
    """Fit on an even share of a corpus."""
    from scripts.voices.corpus import Corpus

    corpus = Corpus(folder)
    total = sum(row["frames"] for row in corpus.rows) / CODE_RATE / 3600
    step = max(1, round(total / hours))
    names: set[str] = set()
    mels, tables = [], []
    for index, utterance in enumerate(corpus):
        table = utterance_table(utterance.ids, utterance.durations)
        names.update(p.name for p in table)
        if index % step == 0:
            mels.append(utterance.mel.astype(np.float16))
            tables.append(table)
    logger.info("fitting on %d of %d utterances", len(mels), len(corpus))
    return Aligner.fit(mels, tables, names)


def align_corpus(folder: Path, aligner: Aligner) -> None:
    """Write the timed phones of every shard that has none yet."""
    from scripts.voices.corpus import Corpus

    corpus = Corpus(folder)
    shards: dict[int, list[int]] = {}
    for index, row in enumerate(corpus.rows):
        shards.setdefault(row["shard"], []).append(index)
    for shard, indices in shards.items():
        path = phones_path(folder, shard)
        if not path.exists():
            utterances = [corpus[i] for i in indices]
            phones = {u.id: aligner.align(u.mel, utterance_table(u.ids, u.durations)) for u in utterances}
            write_phones(path, phones)
            logger.info("%s: %d utterances", path.name, len(phones))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="fitted aligner; made if missing")
    parser.add_argument("--fit-hours", type=float, default=1.5, help="speech to fit on if it is missing")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if not args.model.exists():
        fit_corpus(args.corpus, args.fit_hours).save(args.model)
    align_corpus(args.corpus, Aligner.load(args.model))


if __name__ == "__main__":
    main()
