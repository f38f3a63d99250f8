"""Training passages: several utterances with pauses between them, performed as a whole.

    python -m scripts.mira.dataset passages/mira --corpus corpora/mira --contact contact.npz \\
        --stats codec_stats.npz
    python -m scripts.mira.dataset passages_eval --corpus held/mira --contact contact.npz --single --neutral

Whole passages are performed so that pauses, gaze and blinks are stationary. A folder holds passages_XXX.npz:
arrays laid end to end with ``*_offsets``: mel [N, 80], F0 [N], channels [N, 53], head [N, 7],
emotion [N, 5] and the phones.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from avgen.emotion import EMOTIONS
from avgen.types import CODE_RATE, FloatArray
from scripts.mira.align import phones_path, read_phones
from scripts.mira.contact import Contact, load_contact
from scripts.mira.performance.speech import frame_f0, hear
from scripts.mira.performance.synthesise import perform
from scripts.mira.performance.units import FACE_UNITS
from scripts.mira.phones import EDGE, Phone, is_pause, merge_pauses
from scripts.voices.corpus import Corpus

logger = logging.getLogger(__name__)

Split = Literal["train", "valid"]
SPLITS: Final[tuple[Split, Split]] = ("train", "valid")
UTTERANCES: Final = (2, 6)
"""Fewest and most utterances of a passage."""
LEAD_SECONDS: Final = 0.11
"""Silence kept before the first sound of an utterance."""
TAIL_SECONDS: Final = 0.14
"""Silence kept after its last sound, which fades through it."""
FILL_SECONDS: Final = {"first": (0.05, 0.40), "between": (0.0, 0.65), "last": (0.15, 0.75)}
"""Range of the silence added before, between and after the utterances."""
SHARD_PASSAGES: Final = 100
VALID_EVERY: Final = 20
"""One passage in this many is for validation."""
NEUTRAL_PASSAGES: Final = 0.45
"""Share of passages without emotion and energy; the rest differ in one of them or in both."""
EMOTIONAL: Final = 0.85
BLENDED: Final = 0.35
ENERGETIC: Final = 0.55
"""Shares of the other passages: with an emotion, of two emotions at once, with an energy."""
CHANGING: Final = 0.36
BACK_TO_NEUTRAL: Final = 0.35
"""Share of the other passages that change at a pause, and how many of these become neutral or were it."""
EMOTION_WEIGHTS: Final = (0.3, 1.0)
TURNING_PAUSE: Final = 0.25
"""Shortest pause between utterances in which the emotion may change, seconds."""
LEAST_SCALE: Final = 0.01
ACTIVE_DEVIATION: Final = 1e-3
FRAME_ARRAYS: Final = ("mel", "f0", "channels", "head", "emotion")
PHONE_ARRAYS: Final = ("phone_name", "phone_stress", "phone_start", "phone_end")


@dataclass(frozen=True, slots=True)
class Recording:
    """Speech at the code rate with its phones.

    Attributes:
        text: what is said.
        phones: cover the recording, in seconds on the mel clock.
        mel: [N, 80] natural-log mel.
        f0: [N] Hz, 0 where unvoiced.
    """

    text: str
    phones: tuple[Phone, ...]
    mel: NDArray[np.floating]
    f0: FloatArray


@dataclass(frozen=True, slots=True)
class Passage:
    """A performed passage.

    Attributes:
        text: what is said.
        seed: of the performance.
        phones: cover the passage, in seconds on the mel clock; word borders that are not heard have zero
            length, pauses carry the name of their punctuation mark.
        mel: [N, 80] natural-log mel.
        f0: [N] Hz, 0 where unvoiced.
        channels: [N, 53] face channels.
        head: [N, 7] unit quaternion (w, x, y, z) and translation in metres.
        emotion: [N, 5] as in ``avgen.emotion.EMOTIONS``; changes are steps in the middle of a pause.
    """

    text: str
    seed: int
    phones: tuple[Phone, ...]
    mel: FloatArray
    f0: FloatArray
    channels: FloatArray
    head: FloatArray
    emotion: FloatArray


class Passages:
    """Reader of a folder of passages: `passages[i]` is a `Passage`; shards stay in memory once read."""

    def __init__(self, folder: Path | str, split: Split | None = None) -> None:
        self._paths = sorted(Path(folder).glob("passages_*.npz"))
        self._shards: dict[Path, dict[str, NDArray[Any]]] = {}
        self._items: list[tuple[Path, int]] = []
        for path in self._paths:
            with np.load(path, allow_pickle=False) as stored:
                valid = stored["valid"]
            wanted = np.ones(len(valid), bool) if split is None else valid == (split == "valid")
            self._items += [(path, int(row)) for row in np.flatnonzero(wanted)]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Passage]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Passage:
        path, row = self._items[index]
        if path not in self._shards:
            with np.load(path, allow_pickle=False) as stored:
                self._shards[path] = dict(stored)
        shard = self._shards[path]
        start, stop = shard["frame_offsets"][row : row + 2]
        frames = {key: shard[key][start:stop].astype(np.float32) for key in FRAME_ARRAYS}
        first, last = shard["phone_offsets"][row : row + 2]
        table = zip(*(shard[key][first:last].tolist() for key in PHONE_ARRAYS), strict=True)
        phones = tuple(Phone(name, stress, a / CODE_RATE, b / CODE_RATE) for name, stress, a, b in table)
        return Passage(str(shard["text"][row]), int(shard["seed"][row]), phones, **frames)


def recordings(folder: Path) -> list[Recording]:
    """Aligned utterances of a corpus, in order of id; those without phones yet are left out."""
    corpus = Corpus(folder)
    phones: dict[int, list[Phone]] = {}
    for shard in {row["shard"] for row in corpus.rows}:
        path = phones_path(folder, shard)
        if path.exists():
            phones |= read_phones(path)
    found = []
    for utterance in corpus:
        if utterance.id in phones:
            mel = utterance.mel.astype(np.float16)
            f0 = frame_f0(utterance.f0, len(mel)).astype(np.float32)
            found.append(Recording(utterance.text, tuple(phones[utterance.id]), mel, f0))
    return found


def trim(recording: Recording) -> Recording:
    """Cut the outer silences down to at most LEAD_SECONDS and TAIL_SECONDS."""
    first, last = recording.phones[0], recording.phones[-1]
    excess_lead = first.duration - LEAD_SECONDS if is_pause(first.name) else 0.0
    excess_tail = last.duration - TAIL_SECONDS if is_pause(last.name) else 0.0
    start = max(round(excess_lead * CODE_RATE), 0)
    stop = len(recording.mel) - max(round(excess_tail * CODE_RATE), 0)
    end = (stop - start) / CODE_RATE
    shifted = [p.shifted(-start / CODE_RATE) for p in recording.phones]
    phones = tuple(Phone(p.name, p.stress, max(p.start, 0.0), min(p.end, end)) for p in shifted)
    return Recording(recording.text, phones, recording.mel[start:stop], recording.f0[start:stop])


def silence(like: Recording, seconds: float, rng: np.random.Generator) -> Recording:
    """Silence of the teacher's own level: frames drawn from the four quietest of a recording."""
    quietest = np.argsort(np.asarray(like.mel, np.float32).mean(1))[:4]
    frames = max(round(seconds * CODE_RATE), 1)
    pause = Phone(EDGE, 0, 0.0, frames / CODE_RATE)
    return Recording("", (pause,), like.mel[rng.choice(quietest, frames)], np.zeros(frames, np.float32))


def join(parts: Sequence[Recording]) -> Recording:
    """Play recordings one after another; meeting pauses become one."""
    phones: list[Phone] = []
    frames = 0
    for part in parts:
        phones += [p.shifted(frames / CODE_RATE) for p in part.phones]
        frames += len(part.mel)
    text = " ".join(part.text for part in parts if part.text)
    mel, f0 = np.concatenate([p.mel for p in parts]), np.concatenate([p.f0 for p in parts])
    return Recording(text, tuple(merge_pauses(phones)), mel, f0)


def assemble(utterances: Sequence[Recording], rng: np.random.Generator) -> Recording:
    """A passage of several utterances with pauses of random length before, between and after them."""
    places = ["first"] + ["between"] * (len(utterances) - 1)
    parts: list[Recording] = []
    for place, utterance in zip(places, utterances, strict=True):
        parts += [silence(utterance, rng.uniform(*FILL_SECONDS[place]), rng), trim(utterance)]
    return join([*parts, silence(utterances[-1], rng.uniform(*FILL_SECONDS["last"]), rng)])


def groups(count: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Random groups of utterances; each utterance is in one."""
    order = rng.permutation(count)
    sizes: list[int] = []
    while sum(sizes) < count:
        sizes.append(int(rng.integers(UTTERANCES[0], UTTERANCES[1] + 1)))
    return [group for group in np.split(order, np.cumsum(sizes)[:-1]) if len(group)]


def draw_emotion(rng: np.random.Generator) -> FloatArray:
    """A random emotion [5] that is not neutral: one, a blend of two, an energy, or emotion and energy."""
    row = np.zeros(len(EMOTIONS), np.float32)
    emotional = rng.random() < EMOTIONAL
    if emotional:
        which = rng.permutation(len(EMOTIONS) - 1)
        weight = rng.uniform(*EMOTION_WEIGHTS)
        share = rng.uniform(0.3, 0.7) if rng.random() < BLENDED else 1.0
        row[which[0]], row[which[1]] = weight * share, weight * (1 - share)
    if not emotional or rng.random() < ENERGETIC:
        row[EMOTIONS.index("energy")] = rng.uniform(-1, 1)
    return row


def emotion_track(recording: Recording, rng: np.random.Generator) -> FloatArray:
    """Emotion [N, 5] of a passage: mostly constant, sometimes another after a pause between utterances."""
    track = np.zeros((len(recording.mel), len(EMOTIONS)), np.float32)
    if rng.random() < NEUTRAL_PASSAGES:
        return track
    track[:] = draw_emotion(rng)
    pauses = [p for p in recording.phones[1:-1] if p.name in ".!?" and p.duration > TURNING_PAUSE]
    if pauses and rng.random() < CHANGING:
        turn = round(pauses[int(rng.integers(len(pauses)))].middle * CODE_RATE)
        other = draw_emotion(rng) if rng.random() > BACK_TO_NEUTRAL else 0.0
        track[slice(turn, None) if rng.random() < 0.5 else slice(turn)] = other
    return track


def perform_recording(
    recording: Recording | Passage, contact: Contact, seed: int, emotion: FloatArray
) -> Passage:
    """The passage of a recording, or of a passage performed anew, under a seed, with an emotion [N, 5]."""
    mel = np.asarray(recording.mel, np.float32)
    speech = hear(recording.phones, mel, recording.f0)
    performance = perform(speech, contact, seed, emotion.astype(np.float64))
    return Passage(
        text=recording.text,
        seed=seed,
        phones=recording.phones,
        mel=mel,
        f0=recording.f0,
        channels=performance.channels,
        head=performance.head,
        emotion=emotion,
    )


def write_shard(path: Path, passages: Sequence[Passage], valid: Sequence[bool]) -> None:
    """Store passages; the file appears when whole."""
    phones = [p for passage in passages for p in passage.phones]
    frames = {key: np.concatenate([getattr(p, key) for p in passages]) for key in FRAME_ARRAYS}
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.savez(
            file,
            mel=frames["mel"].astype(np.float16),
            f0=frames["f0"].astype(np.float16),
            channels=frames["channels"].astype(np.float16),
            head=frames["head"].astype(np.float32),
            emotion=frames["emotion"].astype(np.float16),
            frame_offsets=np.cumsum([0, *(len(p.mel) for p in passages)]),
            phone_name=np.array([p.name for p in phones]),
            phone_stress=np.array([p.stress for p in phones], np.int8),
            phone_start=np.array([round(p.start * CODE_RATE) for p in phones], np.int32),
            phone_end=np.array([round(p.end * CODE_RATE) for p in phones], np.int32),
            phone_offsets=np.cumsum([0, *(len(p.phones) for p in passages)]),
            text=np.array([p.text for p in passages]),
            seed=np.array([p.seed for p in passages], np.int64),
            valid=np.array(valid, bool),
        )
    os.replace(temporary, path)


def codec_statistics(passages: Passages) -> dict[str, NDArray[Any]]:
    """Mean [53], scale [53] (standard deviation, at least LEAST_SCALE) and active [53] of the channels."""
    frames, total, square = 0, np.zeros(len(FACE_UNITS)), np.zeros(len(FACE_UNITS))
    for passage in passages:
        channels = passage.channels.astype(np.float64)
        frames += len(channels)
        total += channels.sum(0)
        square += (channels**2).sum(0)
    mean = total / frames
    deviation = np.sqrt(np.maximum(square / frames - mean**2, 0))
    return {
        "units": np.array(FACE_UNITS),
        "mean": mean,
        "scale": np.maximum(deviation, LEAST_SCALE),
        "active": deviation > ACTIVE_DEVIATION,
    }


def build(out: Path, corpus: Path, contact: Contact, seed: int, *, single: bool, neutral: bool) -> None:
    """Write every shard that is missing.

    Args:
        out: folder of passages.
        corpus: folder of an aligned corpus.
        contact: the actor's distances.
        seed: of grouping and pauses; passage k is performed with seed + k.
        single: every utterance alone and untouched, instead of training passages.
        neutral: without emotion.
    """
    out.mkdir(parents=True, exist_ok=True)
    spoken = recordings(corpus)
    rng = np.random.default_rng(seed)
    chosen = [np.array([i]) for i in range(len(spoken))] if single else groups(len(spoken), rng)
    for shard, first in enumerate(range(0, len(chosen), SHARD_PASSAGES)):
        path = out / f"passages_{shard:03d}.npz"
        if path.exists():
            continue
        passages, valid = [], []
        for number in range(first, min(first + SHARD_PASSAGES, len(chosen))):
            utterances = [spoken[i] for i in chosen[number]]
            rng = np.random.default_rng([seed, number])
            recording = utterances[0] if single else assemble(utterances, rng)
            still = np.zeros((len(recording.mel), len(EMOTIONS)), np.float32)
            emotion = still if neutral else emotion_track(recording, rng)
            passages.append(perform_recording(recording, contact, seed + number, emotion))
            valid.append(not single and number % VALID_EVERY == VALID_EVERY - 1)
        write_shard(path, passages, valid)
        hours = sum(len(p.mel) for p in passages) / CODE_RATE / 3600
        logger.info("%s: %d passages, %.2f h", path.name, len(passages), hours)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpus", type=Path, required=True, help="aligned corpus")
    parser.add_argument("--contact", type=Path, required=True, help="contact.npz of the actor")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--single", action="store_true", help="one utterance a passage, edges untouched")
    parser.add_argument("--neutral", action="store_true", help="no emotions")
    parser.add_argument("--stats", type=Path, help="also write the channels' mean, scale and activity")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    contact = load_contact(args.contact)
    build(args.out, args.corpus, contact, args.seed, single=args.single, neutral=args.neutral)
    if args.stats:
        statistics: dict[str, Any] = codec_statistics(Passages(args.out, "train"))
        np.savez(args.stats, **statistics)
        for unit, mean, scale, active in zip(*statistics.values(), strict=True):
            logger.info("%-20s %7.4f %7.4f %s", unit, mean, scale, "active" if active else "still")
        logger.info("%d channels are active", statistics["active"].sum())


if __name__ == "__main__":
    main()
