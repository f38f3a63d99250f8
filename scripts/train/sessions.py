"""Sessions for the token extractor: corpora recorded in all kinds of ways, as the encoder hears them.

    python -m scripts.train.sessions work/corpora --encoder work/encoder.safetensors --out work/sessions

A session lasts 1 to 5 times 5.12 s, in which features and code frames come out even. Its shard keeps what
the encoder heard and which utterances lie where; labels are made from the corpora's timed phones when it is
read, so that phones can be timed anew without hearing everything again. The same command continues an
interrupted run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from scipy.signal import resample_poly
from torchaudio.functional import resample

from avgen.speech.audio import at_level
from avgen.speech.encoder import ENCODER_RATE, EncoderConfig, WhisperEncoder, whisper_mel
from avgen.speech.extractor import FEATURE_SAMPLES
from avgen.text.labels import EDGE, label_index
from avgen.types import CODE_RATE, HOP_SIZE, SAMPLE_RATE, FloatArray
from scripts.mira.align import phones_path, read_phones
from scripts.mira.phones import Phone
from scripts.train.augment import environment, excerpt, not_speech
from scripts.voices.corpus import CROWD, LEVEL, Corpus, save

UNIT_SAMPLES: Final = FEATURE_SAMPLES * HOP_SIZE
"""Of 5.12 s: 256 features, 441 code frames."""
MOST_UNITS: Final = 5
SHARD_SESSIONS: Final = 40
UNTIMED: Final = 255
"""Label of what is not timed yet."""
CROWD_SHARE: Final = 0.4
"""Share of sessions in which the crowd speaks; the others' is the same for each."""
SILENT_SHARE: Final = 0.12
"""Share of sessions in which nobody speaks."""
SECOND_SHARE: Final = 0.12
"""Share of sessions behind whose speaker another one is heard, who is nothing but background."""
SPEEDS: Final = (17, 24)
"""Playback speeds in twentieths: 0.85 to 1.2, which moves pitch and formants too."""


class Piece(NamedTuple):
    """An utterance in a session."""

    voice: str
    number: int
    """In the voice's corpus."""
    speed: int
    """Twentieths."""
    start: int
    """Sample of the session."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said in a session.

    Attributes:
        seed: of its recording condition.
        units: of 5.12 s that it lasts.
        pieces: in order; none if nobody speaks.
        second: another voice in the background, or none.
    """

    seed: int
    units: int
    pieces: tuple[Piece, ...]
    second: str

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Plan:
        """Restore what `asdict` made."""
        return cls(**{**values, "pieces": tuple(Piece(*piece) for piece in values["pieces"])})


class Voices:
    """The corpora of a folder, one in each folder of it."""

    def __init__(self, folder: Path) -> None:
        found = sorted(path.parent for path in folder.glob("*/index.jsonl"))
        self.corpora = {path.name: Corpus(path) for path in found}

    def draw(self, rng: np.random.Generator) -> str:
        """Some voice."""
        if CROWD in self.corpora and rng.random() < CROWD_SHARE:
            return CROWD
        return str(rng.choice([name for name in self.corpora if name != CROWD]))

    @cache  # noqa: B019 one object a process
    def samples(self, voice: str, number: int) -> FloatArray:
        """[S] of an utterance."""
        return self.corpora[voice].samples(number)

    @cache  # noqa: B019 one object a process
    def phones(self, voice: str) -> dict[int, list[Phone]]:
        """The timed phones of a voice by utterance id; none where they are not timed yet."""
        corpus, found = self.corpora[voice], dict[int, list[Phone]]()
        for shard in {row["shard"] for row in corpus.rows}:
            path = phones_path(corpus.folder, shard)
            found |= read_phones(path) if path.exists() else {}
        return found

    def excerpt(self, voice: str, size: int, rng: np.random.Generator) -> FloatArray:
        """[size] of some utterance of a voice."""
        return excerpt(self.samples(voice, int(rng.integers(len(self.corpora[voice])))), size, rng)


def plan_session(seed: int, voices: Voices) -> Plan:
    """Draw what is said in a session."""
    rng = np.random.default_rng([11, seed])
    units = int(rng.integers(1, MOST_UNITS + 1))
    if rng.random() < SILENT_SHARE:
        return Plan(seed, units, (), "")
    voice, pieces = voices.draw(rng), list[Piece]()
    second = voices.draw(rng) if rng.random() < SECOND_SHARE else ""
    longest = 4.0 if second else 1.5
    place = int(SAMPLE_RATE * rng.uniform(0, 1))
    while place < units * UNIT_SAMPLES:
        number = int(rng.integers(len(voices.corpora[voice])))
        speed = int(rng.integers(SPEEDS[0], SPEEDS[1] + 1))
        pieces.append(Piece(voice, number, speed, place))
        place += -(-len(voices.samples(voice, number)) * 20 // speed)
        place += int(SAMPLE_RATE * max(0.0, rng.uniform(-0.4, longest)))
    return Plan(seed, units, tuple(pieces), second)


def sound(plan: Plan, voices: Voices) -> FloatArray:
    """The session as it was recorded: [units * UNIT_SAMPLES]."""
    rng, size = np.random.default_rng([12, plan.seed]), plan.units * UNIT_SAMPLES
    if not plan.pieces:
        return not_speech(size, rng)
    speech = np.zeros(size, np.float32)
    for piece in plan.pieces:
        said = resample_poly(voices.samples(piece.voice, piece.number), 20, piece.speed)[: size - piece.start]
        speech[piece.start : piece.start + len(said)] += said.astype(np.float32)
    if plan.second:
        behind = voices.excerpt(plan.second, size, rng) * 10 ** (-rng.uniform(15, 30) / 20)
        speech = speech + behind.astype(np.float32)
    others = [voices.excerpt(voices.draw(rng), 4 * SAMPLE_RATE, rng) for _ in range(4)]
    return environment(speech, others, rng)


def labels(plan: Plan, voices: Voices) -> NDArray[np.uint8]:
    """Label of every code frame of a session [units * 441]; UNTIMED where it is not known."""
    ends, indices = [0.0], [label_index(EDGE)]
    for piece in plan.pieces:
        start, factor = piece.start / SAMPLE_RATE, 20 / piece.speed
        ends[-1] = max(ends[-1], start)
        corpus = voices.corpora[piece.voice]
        phones = voices.phones(piece.voice).get(corpus.rows[piece.number]["id"])
        if phones is None:
            phones = [Phone("", 0, 0.0, corpus.rows[piece.number]["frames"] / CODE_RATE)]
        ends += [start + factor * phone.end for phone in phones]
        indices += [label_index(p.name, p.stress) if p.name else UNTIMED for p in phones]
        ends.append(ends[-1])
        indices.append(label_index(EDGE))
    ends[-1] = np.inf
    centres = (np.arange(plan.units * FEATURE_SAMPLES) + 0.5) / CODE_RATE
    return np.array(indices, np.uint8)[np.searchsorted(ends, centres, side="right")]


@torch.inference_mode()
def hear(samples: FloatArray, encoder: WhisperEncoder) -> NDArray[np.float16]:
    """Features [T, width] of a session at 50 Hz."""
    heard = resample(torch.from_numpy(at_level(samples, LEVEL)), SAMPLE_RATE, ENCODER_RATE)
    found: NDArray[np.float16] = encoder(whisper_mel(heard)[None])[0].half().numpy()
    return found


def write_shard(out: Path, shard: int, voices: Voices, encoder: WhisperEncoder) -> float:
    """Plan, record and hear the sessions of a shard; returns their length in hours."""
    first = shard * SHARD_SESSIONS
    plans = [plan_session(seed, voices) for seed in range(first, first + SHARD_SESSIONS)]
    path = out / f"sessions_{shard:03d}.npz"
    save(path, {"features": [hear(sound(plan, voices), encoder) for plan in plans]})
    path.with_suffix(".json").write_text(json.dumps([asdict(plan) for plan in plans]), encoding="utf-8")
    return sum(plan.units for plan in plans) * UNIT_SAMPLES / SAMPLE_RATE / 3600


def shards(out: Path) -> list[int]:
    """Numbers of the shards that are complete."""
    return sorted(int(path.stem.removeprefix("sessions_")) for path in out.glob("sessions_*.json"))


def read_shard(out: Path, shard: int) -> tuple[list[Plan], NDArray[np.float16]]:
    """The sessions of a shard, and their features [T, width] laid end to end."""
    path = out / f"sessions_{shard:03d}.npz"
    plans = [
        Plan.from_json(entry) for entry in json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    ]
    with np.load(path, allow_pickle=False) as stored:
        return plans, stored["features"]


def load_encoder(file: Path) -> WhisperEncoder:
    """The encoder whose weights scripts.train.whisper_weights wrote."""
    encoder = WhisperEncoder(EncoderConfig())
    encoder.load_state_dict({name: value.float() for name, value in load_file(file).items()})
    return encoder.eval()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", type=Path, help="folder with one of scripts.voices.corpus for each voice")
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--hours", type=float, default=4.0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    encoder, voices, done = load_encoder(args.encoder), Voices(args.corpora), shards(args.out)
    hours, shard = 0.0, 0
    while hours < args.hours:
        if shard in done:
            plans, _ = read_shard(args.out, shard)
            hours += sum(plan.units for plan in plans) * UNIT_SAMPLES / SAMPLE_RATE / 3600
        else:
            hours += write_shard(args.out, shard, voices, encoder)
            print(f"shard {shard}: {hours:.2f} hours", flush=True)
        shard += 1


if __name__ == "__main__":
    main()
