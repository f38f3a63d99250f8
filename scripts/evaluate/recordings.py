"""Recordings as input: what the extractor hears, and how well lips follow, for several voices.

    python -m scripts.evaluate.recordings --reference work/passages_eval --out scripts/evaluate/RECORDINGS.md

The reference's own voice, and the same with formants and pitch moved, speak its passages, so that lips can be
compared frame by frame with the performance. Where `flite` is installed (Debian package of that name), its
voices speak the first sentences: people that the extractor has never heard, with phoneme times but without a
performance. Every voice goes the whole way: samples, tokens, motion.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.io import wavfile

import avgen
from avgen.metrics.lips import CLOSED, frame_f1
from avgen.metrics.timing import delay
from avgen.performer import Performer
from avgen.text.labels import LABELS, PAUSES, VOWELS
from avgen.types import CODE_RATE, SAMPLE_RATE, FloatArray
from avgen.vocoders.source_filter import SourceFilter
from scripts.mira.dataset import Passage, Passages
from scripts.mira.envelopes import Envelopes
from scripts.mira.phones import is_pause
from scripts.train.data import frame_labels
from scripts.train.voices import resynthesise

MAX_LAG = 12
"""Longest delay looked for, in code frames (0.14 s)."""
VOICES = {
    "reference's voice": (1.0, 1.0),
    "formants x 0.85, pitch x 0.6": (0.85, 0.6),
    "formants x 1.15, pitch x 1.25": (1.15, 1.25),
}
FLITE = {"rms": "American man", "slt": "American woman", "awb": "Scottish man"}
ARPABET = {
    **{name: name for name in "bdfklmnpstvwz"},
    **{"ch": "ʧ", "dh": "ð", "g": "ɡ", "hh": "h", "jh": "ʤ", "ng": "ŋ", "pau": "$", "r": "ɹ", "sh": "ʃ"},
    **{"th": "θ", "y": "j", "zh": "ʒ"},
}
"""flite's consonants as labels; its vowels are told apart otherwise than ours."""


def sounds(labels: NDArray[np.integer]) -> NDArray[np.str_]:
    """Sound of every label index: stress left out, taps as t, all pauses one."""
    names = ["$" if label in PAUSES else "t" if label == "T" else label[0] for label in LABELS]
    return np.array(names)[labels]


@dataclass(slots=True)
class Heard:
    """Frames of all clips of a voice, in speech only.

    Attributes:
        said: sounds, empty where unknown.
        heard: sounds.
        opening: lip gap in metres.
        reference: the performance's lip gap, where there is one.
    """

    said: list[NDArray[np.str_]] = field(default_factory=list)
    heard: list[NDArray[np.str_]] = field(default_factory=list)
    opening: list[FloatArray] = field(default_factory=list)
    reference: list[FloatArray] = field(default_factory=list)


def perform(performer: Performer, recording: Path, seed: int) -> tuple[NDArray[np.str_], FloatArray]:
    """Sounds heard in a recording, and the lip gap [N] of the motion generated for it."""
    take = performer.follow(recording, seed=seed)
    gap = performer.models["avatar"].codec.lip_gap(take.codes["face"])
    return sounds(take.tokens.logits.argmax(1)), gap


def speak_reference(
    performer: Performer, passages: Sequence[Passage], formants: float, pitch: float, scratch: Path
) -> Heard:
    """The reference's passages in a voice made of the actor's own."""
    codec, path, result = performer.models["avatar"].codec, scratch / "speech.wav", Heard()
    for seed, passage in enumerate(passages):
        envelopes = envelopes_of(passage, performer.models["vocoder"])
        wavfile.write(path, SAMPLE_RATE, resynthesise(envelopes, formants, pitch, seed))
        heard, opening = perform(performer, path, seed)
        spoken = [phone for phone in passage.phones if not is_pause(phone.name)]
        inside = slice(int(spoken[0].start * CODE_RATE), int(spoken[-1].end * CODE_RATE))
        result.said.append(sounds(frame_labels(passage.phones, len(passage.mel)))[inside])
        result.heard.append(heard[inside])
        result.opening.append(opening[inside])
        result.reference.append(codec.lip_gap(codec.encode(passage.channels))[inside])
    return result


@torch.inference_mode()
def envelopes_of(passage: Passage, vocoder: SourceFilter) -> Envelopes:
    """What the vocoder would synthesise a passage from."""
    controls = vocoder.network(torch.from_numpy(passage.mel)[None])
    f0 = vocoder.network.f0(controls)[0].numpy()
    return Envelopes(controls.harmonic[0].numpy(), controls.breath[0].numpy(), f0)


def flite(voice: str, sentence: str, path: Path) -> list[tuple[str, float]]:
    """Speak a sentence into a sound file; returns (phone, end in seconds) of all that is said."""
    command = ["flite", "-voice", voice, "-psdur", "-t", f"{sentence} ", "-o", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    pairs = [entry.rsplit(":", 1) for entry in done.stdout.split()]
    return [(name, float(end)) for name, end in pairs]


def speak_sentences(performer: Performer, voice: str, sentences: Sequence[str], scratch: Path) -> Heard:
    """Sentences in a voice of flite."""
    path, result = scratch / "speech.wav", Heard()
    for seed, sentence in enumerate(sentences):
        phones = flite(voice, sentence, path)
        heard, opening = perform(performer, path, seed)
        ends = np.array([end for _, end in phones])
        names = np.array([ARPABET.get(name, "vowel") for name, _ in phones])
        centre = (np.arange(len(heard)) + 0.5) / CODE_RATE
        said = names[np.minimum(np.searchsorted(ends, centre, side="right"), len(names) - 1)]
        inside = slice(int(ends[0] * CODE_RATE), int(ends[-2] * CODE_RATE))
        result.said.append(said[inside])
        result.heard.append(heard[inside])
        result.opening.append(opening[inside])
    return result


def measure(found: Heard) -> dict[str, str]:
    """One row of the table."""
    said, heard = (np.concatenate(part) for part in (found.said, found.heard))
    vowel = np.isin(said, (*VOWELS, "vowel"))
    consonant = ~vowel & (said != "$")
    bilabial, heard_bilabial = np.isin(said, list("pbm")), np.isin(heard, list("pbm"))
    closed = np.concatenate(found.opening) < CLOSED
    row = {
        "clips": str(len(found.said)),
        "consonant frames heard right": f"{(heard == said)[consonant].mean():.1%}",
        "p, b, m heard, frame F1": f"{frame_f1(bilabial, heard_bilabial):.3f}",
        "p, b, m on which lips close": f"{_touched(bilabial, closed):.1%}",
        "vowel frames with closed lips": f"{closed[_inner(vowel)].mean():.1%}",
        "lip closure F1 on p, b, m": "",
        "lips behind the performance": "",
    }
    if found.reference:
        wanted, near = np.concatenate(found.reference), np.convolve(bilabial, np.ones(5), "same") > 0
        late, match = delay(found.reference, found.opening, MAX_LAG)
        row["lip closure F1 on p, b, m"] = f"{frame_f1((wanted < CLOSED)[near], closed[near]):.3f}"
        row["lips behind the performance"] = f"{round(1e3 * late / CODE_RATE)} ms (r = {match:.2f})"
    return row


def _touched(bilabial: NDArray[np.bool_], closed: NDArray[np.bool_]) -> float:
    """Share of runs of bilabial frames within which, or within two frames of which, lips close."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bilabial.astype(int), [0]])))
    runs = edges.reshape(-1, 2)
    return float(np.mean([closed[max(0, start - 2) : stop + 2].any() for start, stop in runs]))


def _inner(frames: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Frames at least 4 frames (46 ms) inside their run."""
    return np.convolve(frames, np.ones(9), "same") > 8.5


def table(rows: dict[str, dict[str, str]], command: str) -> str:
    """Markdown table, one row a voice, with the command and machine that made it."""
    columns = list(next(iter(rows.values())))
    lines = [f"Made by `{command}` on {platform.machine()}, Python {platform.python_version()}.", ""]
    lines += [f"| voice | {' | '.join(columns)} |", "| --- " * (len(columns) + 1) + "|"]
    return (
        "\n".join(lines + [f"| {name} | {' | '.join(row.values())} |" for name, row in rows.items()]) + "\n"
    )


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--reference", type=Path, required=True, help="passages of the sentences")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--count", type=int, default=100, help="passages, and sentences, of each voice")
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    performer, stored = avgen.load_actor(args.actor), Passages(args.reference)
    passages = [stored[number] for number in range(min(args.count, len(stored)))]
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()[: args.count]
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for name, factors in VOICES.items():
            rows[name] = measure(speak_reference(performer, passages, *factors, scratch))
        for voice, who in FLITE.items() if shutil.which("flite") else ():
            rows[f"flite {voice}, {who}"] = measure(speak_sentences(performer, voice, sentences, scratch))
    text = table(rows, f"python -m scripts.evaluate.recordings --count {args.count}")
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
