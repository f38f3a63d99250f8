"""Speech corpora of the voices: sound, mel, phonemes, durations and F0 in shards, and their reader.

    python -m scripts.voices.corpus work/corpora --sentences sentences.json --voices mira --count 9000
    python -m scripts.voices.corpus work/corpora --sentences sentences.json --voices ada,ben --kokoro kokoro
    python -m scripts.voices.corpus work/held --sentences tests/data/eval_sentences.txt --held --voices mira

Each voice (recipes.yaml) has a folder of its own with index.jsonl (a line per utterance, appended when its
shard is complete) and shard_XXX.npz (arrays laid end to end with `*_offsets`). The voice `crowd` draws
another mixture of Kokoro's voices for every sentence, and speaks faster or slower than other voices would.
The same command continues an interrupted run.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.signal import resample_poly

from avgen.speech.audio import at_level
from avgen.speech.mel import mel_spectrogram
from avgen.types import HOP_SIZE, SAMPLE_RATE, FloatArray
from scripts.mira.performance.speech import F0_FLOOR
from scripts.voices.teachers import HibariTeacher, KokoroTeacher, Reader, Teacher, kokoro_voices

RECIPES: Final = Path(__file__).with_name("recipes.yaml")
CROWD: Final = "crowd"
UNHEARD: Final = frozenset({"am_puck", "bm_george", "af_nova", "bf_lily", "af_nicole"})
"""Kokoro's voices that no crowd holds: four for tests, and one who whispers."""
ENGLISH_SHARE: Final = 0.6
"""Share of a crowd's utterances whose first voice is American or British."""
SHARD_SIZE: Final = 50
SPEED_RANGE: Final = (0.9, 1.1)
CROWD_SPEEDS: Final = (0.75, 1.35)
LEVEL: Final = -24.9
"""Speech level of every utterance in dB: hibari's own, which the vocoder and the flow know."""
Row = dict[str, Any]
"""One line of index.jsonl: id, text, phonemes, held, shard, row, frames."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence as a voice reads it.

    Attributes:
        id: position in the voice's order of the sentences.
        text: the sentence.
        phonemes: L symbols (misaki alphabet, stress marks and punctuation included).
        ids: [L + 2] hibari's vocabulary, a pad (0) at both ends.
        durations: [L + 2] units of 25 ms.
        f0: [F] Hz at 80 Hz, near 0 in unvoiced frames.
        mel: [N, 80] log mel.
        held: True for evaluation sentences.
    """

    id: int
    text: str
    phonemes: str
    ids: NDArray[np.int16]
    durations: NDArray[np.int16]
    f0: FloatArray
    mel: FloatArray
    held: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A shard to be made: some sentences of one voice."""

    folder: Path
    voice: str
    shard: int
    sentences: tuple[str, ...]
    kokoro: Path | None
    held: bool

    def teacher(self, number: int) -> Teacher:
        """Who speaks the sentence of a number."""
        if self.voice != CROWD and (recipe := recipes()[self.voice])["teacher"] == "hibari":
            return hibari()
        if self.kokoro is None:
            raise ValueError(f"{self.voice} is spoken by Kokoro: give its folder with --kokoro")
        mix = crowd_mix(self.kokoro, number) if self.voice == CROWD else recipe["mix"]
        return KokoroTeacher(self.kokoro, mix)


@lru_cache(maxsize=1)
def recipes() -> dict[str, Row]:
    """What recipes.yaml says of each voice."""
    found: dict[str, Row] = yaml.safe_load(RECIPES.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def hibari() -> HibariTeacher:
    """The process's hibari, loaded once."""
    return HibariTeacher()


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The process's front end, loaded once."""
    return Reader()


def crowd_mix(kokoro: Path, number: int) -> Mapping[str, float]:
    """The mixture that speaks a crowd's sentence of a number."""
    rng = np.random.default_rng([7, number])
    everyone = [name for name in kokoro_voices(kokoro) if name not in UNHEARD]
    english = [name for name in everyone if name[0] in "ab"]
    first = str(rng.choice(english if rng.random() < ENGLISH_SHARE else everyone))
    share = float(rng.uniform(0.4, 0.8)) if rng.random() < 0.5 else 1.0
    return {first: share, str(rng.choice([name for name in everyone if name != first])): 1 - share}


def make_utterance(job: Job, number: int, text: str) -> tuple[Utterance, NDArray[np.int16]] | None:
    """One sentence spoken; the draws of speed and noise depend on the voice and the number only."""
    phonemes = reader().phonemes(text)
    if not phonemes:
        return None
    rng = np.random.default_rng([zlib.crc32(job.voice.encode()), number])
    speed = 1.0 if job.held else float(rng.uniform(*(CROWD_SPEEDS if job.voice == CROWD else SPEED_RANGE)))
    spoken = job.teacher(number).speak(phonemes, speed, rng)
    samples = at_level(resample_poly(spoken.samples, 147, 160).astype(np.float32), LEVEL)
    mel = mel_spectrogram(samples)
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)[: len(mel) * HOP_SIZE]
    pcm = np.pad(pcm, (0, len(mel) * HOP_SIZE - len(pcm)))
    utterance = Utterance(number, text, phonemes, spoken.ids, spoken.durations, spoken.f0, mel, job.held)
    return utterance, pcm


def pack(arrays: dict[str, list[NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Lays the arrays of each key end to end and adds `<key>_offsets`."""
    packed: dict[str, NDArray[Any]] = {}
    for key, parts in arrays.items():
        packed[key] = np.concatenate(parts)
        packed[f"{key}_offsets"] = np.cumsum([0, *(len(p) for p in parts)])
    return packed


def save(path: Path, arrays: dict[str, list[NDArray[Any]]]) -> None:
    """Writes an npz under its final name only when whole."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        packed: dict[str, Any] = pack(arrays)
        np.savez(file, **packed)
    os.replace(temporary, path)


def make_shard(job: Job) -> list[Row]:
    """Speaks and stores one shard.

    Returns:
        The index lines of its utterances.
    """
    rows: list[Row] = []
    arrays: dict[str, list[NDArray[Any]]] = {key: [] for key in ("ids", "dur", "f0", "mel", "samples")}
    for offset, text in enumerate(job.sentences):
        made = make_utterance(job, job.shard * SHARD_SIZE + offset, text)
        if made is None:
            continue
        utterance, samples = made
        row: Row = {"id": utterance.id, "text": text, "phonemes": utterance.phonemes, "held": job.held}
        rows.append(row | {"shard": job.shard, "row": len(rows), "frames": len(utterance.mel)})
        arrays["ids"].append(utterance.ids)
        arrays["dur"].append(utterance.durations)
        arrays["f0"].append(utterance.f0)
        arrays["mel"].append(utterance.mel.astype(np.float16))
        arrays["samples"].append(samples)
    save(job.folder / f"shard_{job.shard:03d}.npz", arrays)
    return rows


def jobs(
    out: Path, sentences: Sequence[str], voices: Sequence[str], count: int, kokoro: Path | None, *, held: bool
) -> list[Job]:
    """The shards that are missing, those of all voices in turn; held-out sentences keep their order."""
    found: list[Job] = []
    for voice in voices:
        folder = out / voice
        folder.mkdir(parents=True, exist_ok=True)
        done = {row["shard"] for row in read_index(folder)}
        rng = np.random.default_rng(zlib.crc32(voice.encode()))
        order = range(len(sentences)) if held else rng.permutation(len(sentences))
        spoken = [sentences[i] for i in order[:count]]
        for shard in range(-(-len(spoken) // SHARD_SIZE)):
            part = tuple(spoken[shard * SHARD_SIZE : (shard + 1) * SHARD_SIZE])
            if shard not in done:
                found.append(Job(folder, voice, shard, part, kokoro, held))
    return sorted(found, key=lambda job: job.shard)


def generate(pending: list[Job], *, processes: int, minutes: float) -> None:
    """Makes shards until done or out of time; an index grows as its shards complete."""
    start, seconds = time.monotonic(), 0.0
    with ProcessPoolExecutor(processes) as pool:
        running: dict[Future[list[Row]], Job] = {}
        while True:
            while pending and len(running) < processes and time.monotonic() - start < 60 * minutes:
                job = pending.pop(0)
                running[pool.submit(make_shard, job)] = job
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job, rows = running.pop(future), future.result()
                with (job.folder / "index.jsonl").open("a", encoding="utf-8") as index:
                    index.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
                seconds += sum(row["frames"] for row in rows) * HOP_SIZE / SAMPLE_RATE
                log.info(
                    "%s: %.1f min of speech in %.0f s", job.voice, seconds / 60, time.monotonic() - start
                )
    log.info("%d shards left", len(pending))


def describe(folder: Path) -> str:
    """Pitch and pace of a voice, the silent edges of its sentences included.

    An actor's description has both; its pace is 1.07 times as fast, since these edges are cut in speech.
    """
    corpus = Corpus(folder)
    pitch = np.concatenate([utterance.f0[utterance.f0 > F0_FLOOR] for utterance in corpus])
    seconds = sum(row["frames"] for row in corpus.rows) * HOP_SIZE / SAMPLE_RATE
    pace = sum(len(row["text"]) for row in corpus.rows) / seconds
    return f"{folder.name}: mean pitch {np.exp(np.log(pitch).mean()):.0f} Hz, {pace:.1f} characters a second"


def read_index(folder: Path) -> list[Row]:
    """Index lines written so far (a half-written last line is left out)."""
    path = folder / "index.jsonl"
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


@lru_cache(maxsize=8)
def _load(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


class Corpus:
    """Reader of a corpus folder: `corpus[i]` is an `Utterance`; shards are cached a few at a time."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.rows = sorted(read_index(self.folder), key=lambda row: row["id"])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Utterance:
        row = self.rows[number]
        ids, durations, f0, mel = (self._cut(row, key) for key in ("ids", "dur", "f0", "mel"))
        mel = mel.astype(np.float32)
        return Utterance(row["id"], row["text"], row["phonemes"], ids, durations, f0, mel, row["held"])

    def __iter__(self) -> Iterator[Utterance]:
        return (self[number] for number in range(len(self)))

    def samples(self, number: int) -> FloatArray:
        """The teacher's own samples [N * 256] of an utterance."""
        return self._cut(self.rows[number], "samples").astype(np.float32) / np.float32(32767)

    def _cut(self, row: Row, key: str) -> NDArray[Any]:
        arrays = _load(self.folder / f"shard_{row['shard']:03d}.npz")
        start, stop = arrays[f"{key}_offsets"][row["row"] : row["row"] + 2]
        return arrays[key][start:stop]


def read_sentences(path: Path) -> list[str]:
    """A JSON list, or a text file with one sentence a line."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [s for s in text.splitlines() if s.strip()]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--sentences", type=Path, required=True, help=".json list or .txt, one a line")
    parser.add_argument("--voices", required=True, help="of recipes.yaml, or crowd: ada,ben")
    parser.add_argument("--kokoro", type=Path, help="folder that scripts.voices.teachers made")
    parser.add_argument("--count", type=int, default=1000, help="sentences of each voice")
    parser.add_argument("--held", action="store_true", help="mark as held out; no variation of speed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=30.0, help="start no new shard after this time")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    sentences, voices = read_sentences(args.sentences), args.voices.split(",")
    pending = jobs(args.out, sentences, voices, args.count, args.kokoro, held=args.held)
    generate(pending, processes=args.processes, minutes=args.minutes)
    for voice in voices:
        log.info("%s", describe(args.out / voice))


if __name__ == "__main__":
    main()
