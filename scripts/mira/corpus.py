"""Speech corpus of the synthetic teacher voice: mel, phonemes, durations and F0 in shards, and its reader.

    python -m scripts.mira.corpus --sentences sentences.json --out corpus --processes 2 --minutes 15
    python -m scripts.mira.corpus --sentences tests/data/eval_sentences.txt --held --out corpus_eval

A folder holds index.jsonl (one line per utterance, appended when its shard is complete), shard_XXX.npz (200
utterances, arrays laid end to end with `*_offsets`) and par_XXX.npz (vocoder targets of every 4th utterance).
The same command continues an interrupted run.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from avgen.speech.mel import mel_spectrogram
from avgen.types import HOP_SIZE, SAMPLE_RATE, FloatArray
from scripts.mira.envelopes import Envelopes, teacher_envelopes

SHARD_SIZE = 200
TARGET_EVERY = 4
"""One utterance in this many keeps vocoder targets (all of them in a held-out corpus)."""
SPEED_RANGE = (0.9, 1.1)
DURATION_TENSOR = "/Clip_output_0"
"""Inner tensor of the teacher's graph: phoneme durations in units of 25 ms."""
TEACHER_RATE = 24_000
SILENCE = -60.0
"""Log magnitude of nothing."""
Row = dict[str, Any]
"""One line of index.jsonl: id, text, phonemes, held, shard, row, frames, target (row in par_XXX or None)."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence as the teacher reads it.

    Attributes:
        id: position in the sentence list.
        text: the sentence.
        phonemes: L symbols (misaki alphabet, stress marks and punctuation included).
        ids: [L + 2] teacher vocabulary, a pad (0) at both ends.
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


class Teacher:
    """hibari with its phoneme durations exposed: the only place that touches the package's insides."""

    def __init__(self) -> None:
        import onnx
        import onnxruntime
        from hibari import Hibari

        self.voice = Hibari()
        graph = onnx.load(self.voice.model_path)
        graph.graph.output.append(onnx.ValueInfoProto(name=DURATION_TENSOR))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(graph.SerializeToString(), options)

    def phonemes(self, text: str) -> str | None:
        """The symbols the model sees, or None if the front end cuts the text into several chunks."""
        chunks = self.voice.phonemize(text)
        if len(chunks) != 1:
            return None
        return "".join(symbol for symbol in chunks[0] if symbol in self.voice.vocab)

    def speak(self, phonemes: str, speed: float, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
        """Decoder outputs and 24 kHz samples: ids, durations, f0, lh, samples, and the noise in them."""
        from hibari import dsp

        ids = self.voice.ids(phonemes)
        feeds = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([speed], np.float32)}
        *parts, durations = self.session.run(None, feeds)
        lh, theta, ln, lr, phi, f0 = (part[0] for part in parts)
        samples = dsp.synth(lh, theta, ln, lr, phi, f0, rng)
        silent = np.full_like(lr, SILENCE)
        voice = dsp.synth(lh, theta, silent, silent, phi, f0, rng)
        return {
            "ids": np.asarray(ids, np.int16),
            "durations": durations.reshape(-1).astype(np.int16),
            "f0": f0.astype(np.float32),
            **{"lh": lh, "samples": samples, "noise": samples - voice},
        }


def make_utterance(
    voice: Teacher, number: int, text: str, seed: int, held: bool
) -> tuple[Utterance, Envelopes, NDArray[np.int16]] | None:
    """Speaks one sentence; the draw of speed and noise depends on `seed` and `number` only."""
    phonemes = voice.phonemes(text)
    if not phonemes:
        return None
    rng = np.random.default_rng([seed, number])
    speed = 1.0 if held else float(rng.uniform(*SPEED_RANGE))
    spoken = voice.speak(phonemes, speed, rng)
    if 2 * int(spoken["durations"].sum()) != len(spoken["f0"]):
        raise ValueError(f"sentence {number}: durations and F0 differ in length; another hibari?")
    samples, noise = (
        resample_poly(spoken[part], 147, 160).astype(np.float32) for part in ("samples", "noise")
    )
    mel = mel_spectrogram(samples)
    envelopes = teacher_envelopes(spoken["lh"].T, spoken["f0"], noise, len(mel))
    utterance = Utterance(number, text, phonemes, spoken["ids"], spoken["durations"], spoken["f0"], mel, held)
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
    return utterance, envelopes, pcm[: len(mel) * HOP_SIZE]


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


@lru_cache(maxsize=1)
def teacher() -> Teacher:
    """The process's teacher, loaded once."""
    return Teacher()


def make_shard(folder: Path, shard: int, sentences: Sequence[str], seed: int, held: bool) -> list[Row]:
    """Speaks and stores one shard.

    Returns:
        The index lines of its utterances.
    """
    rows: list[Row] = []
    main: dict[str, list[NDArray[Any]]] = {key: [] for key in ("ids", "dur", "f0", "mel")}
    targets: dict[str, list[NDArray[Any]]] = {key: [] for key in ("harmonic", "noise", "pitch", "samples")}
    for offset, text in enumerate(sentences):
        made = make_utterance(teacher(), shard * SHARD_SIZE + offset, text, seed, held)
        if made is None:
            continue
        utterance, envelopes, samples = made
        row: Row = {"id": utterance.id, "text": text, "phonemes": utterance.phonemes, "held": held}
        row |= {"shard": shard, "row": len(rows), "frames": len(utterance.mel), "target": None}
        main["ids"].append(utterance.ids)
        main["dur"].append(utterance.durations)
        main["f0"].append(utterance.f0)
        main["mel"].append(utterance.mel.astype(np.float16))
        if held or len(rows) % TARGET_EVERY == 0:
            row["target"] = len(targets["pitch"])
            targets["harmonic"].append(envelopes.harmonic.astype(np.float16))
            targets["noise"].append(envelopes.noise.astype(np.float16))
            targets["pitch"].append(envelopes.f0)
            targets["samples"].append(samples)
        rows.append(row)
    save(folder / f"par_{shard:03d}.npz", targets)
    save(folder / f"shard_{shard:03d}.npz", main)
    return rows


def generate(
    folder: Path, sentences: Sequence[str], *, seed: int, held: bool, processes: int, minutes: float
) -> None:
    """Makes the missing shards until done or out of time; index.jsonl grows as shards complete."""
    folder.mkdir(parents=True, exist_ok=True)
    done = {row["shard"] for row in read_index(folder)}
    pending = [s for s in range(-(-len(sentences) // SHARD_SIZE)) if s not in done]
    start = time.monotonic()
    seconds = 0.0
    with (
        ProcessPoolExecutor(processes) as pool,
        (folder / "index.jsonl").open("a", encoding="utf-8") as index,
    ):
        running: set[Future[list[Row]]] = set()
        while True:
            while pending and len(running) < processes and time.monotonic() - start < 60 * minutes:
                shard = pending.pop(0)
                part = sentences[shard * SHARD_SIZE : (shard + 1) * SHARD_SIZE]
                running.add(pool.submit(make_shard, folder, shard, part, seed, held))
            if not running:
                break
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for rows in (future.result() for future in finished):
                index.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
                index.flush()
                seconds += sum(row["frames"] for row in rows) * HOP_SIZE / SAMPLE_RATE
                log.info("%.2f h of speech in %.0f s", seconds / 3600, time.monotonic() - start)
    log.info("%d shards left", len(pending))


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


def _cut(arrays: dict[str, NDArray[Any]], key: str, row: int) -> NDArray[Any]:
    start, stop = arrays[f"{key}_offsets"][row : row + 2]
    return arrays[key][start:stop]


class Corpus:
    """Reader of a corpus folder: `corpus[i]` is an `Utterance`; shards are cached a few at a time."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.rows = sorted(read_index(self.folder), key=lambda row: row["id"])

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Utterance:
        row = self.rows[number]
        arrays = _load(self.folder / f"shard_{row['shard']:03d}.npz")
        ids, durations, f0, mel = (_cut(arrays, key, row["row"]) for key in ("ids", "dur", "f0", "mel"))
        mel = mel.astype(np.float32)
        return Utterance(row["id"], row["text"], row["phonemes"], ids, durations, f0, mel, row["held"])

    def __iter__(self) -> Iterator[Utterance]:
        return (self[number] for number in range(len(self)))

    def targets(self, number: int) -> tuple[Envelopes, FloatArray] | None:
        """Vocoder targets and the teacher's samples [N * 256] of an utterance, where they were kept."""
        row = self.rows[number]
        if row["target"] is None:
            return None
        arrays = _load(self.folder / f"par_{row['shard']:03d}.npz")
        harmonic, noise, f0, samples = (
            _cut(arrays, key, row["target"]) for key in ("harmonic", "noise", "pitch", "samples")
        )
        return Envelopes(harmonic, noise, f0), samples.astype(np.float32) / np.float32(32767)

    def kept(self, number: int) -> tuple[Envelopes, FloatArray]:
        """`targets` of an utterance that must have them, as all held-out ones do."""
        found = self.targets(number)
        if found is None:
            raise ValueError(f"{self.folder}: no targets were kept of utterance {number}")
        return found


def read_sentences(path: Path) -> list[str]:
    """A JSON list, or a text file with one sentence a line."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [s for s in text.splitlines() if s.strip()]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=Path, required=True, help=".json list or .txt, one a line")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held", action="store_true", help="mark as held out; keep every vocoder target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=30.0, help="start no new shard after this time")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    sentences = read_sentences(args.sentences)
    options = {"seed": args.seed, "held": args.held, "processes": args.processes, "minutes": args.minutes}
    generate(args.out, sentences, **options)


if __name__ == "__main__":
    main()
