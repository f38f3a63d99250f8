"""How well the times of exported words agree with those of an aligner that knows nothing of Mira.

    python -m scripts.evaluate.word_times --count 100 --out scripts/evaluate/WORD_TIMES.md

pocketsphinx (en-us) aligns each sentence's words with its sound, in frames of 10 ms. A sentence with a word
that its dictionary lacks is left out. Words that start after a pause stand in a row of their own. The
aligner errs too: at some commas it hears no pause, and starts the next word where the one before it ends.
The last row leaves those out.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Decoder

import avgen
from avgen.exports.onsets import HEARD_DB
from avgen.speech.recognition import RECOGNISER_RATE, to_recogniser_rate
from avgen.types import FloatArray

FRAME: Final = 0.01
"""Seconds from one of the aligner's frames to the next."""
WINDOW: Final = 0.0256
"""Seconds of sound that a frame sees, from the frame's time on."""
AFTER_PAUSE: Final = 0.05
"""Seconds between two words from which on the second starts after a pause."""
BOUND: Final = 0.03
"""Seconds that a word's start may be off."""
NOTE: Final = (
    f"A word after a pause starts where its sound first comes within {-HEARD_DB:.0f} dB of the speech's "
    "level, which was chosen on\n20 other sentences.\n"
)


class Aligned(NamedTuple):
    """What the aligner tells of W words."""

    starts: NDArray[np.float64]
    """[W] seconds."""
    after_pause: NDArray[np.bool_]
    """[W] whether it hears a pause before the word."""


def align(decoder: Decoder, words: list[str], samples: FloatArray) -> Aligned | None:
    """Align words with samples [S] of RECOGNISER_RATE; None if the aligner fails."""
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(np.int16(np.clip(samples, -1, 1) * 32767).tobytes(), full_utt=True)
    decoder.end_utt()
    segments = list(decoder.seg())
    spoken = [not re.match(r"[<\[]", segment.word) for segment in segments]
    found = [segment for segment, word in zip(segments, spoken, strict=True) if word]
    if [re.sub(r"\(\d+\)", "", segment.word) for segment in found] != words:
        return None
    starts = np.array([segment.start_frame for segment in found]) * FRAME
    pauses = [not before for before, word in zip([False, *spoken], spoken, strict=False) if word]
    return Aligned(
        starts + (WINDOW - FRAME) / 2, np.array(pauses)
    )  # halfway between the middles of two frames


def main() -> None:
    """Speak, align, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    performer = avgen.load_actor(args.actor)
    decoder = Decoder(samprate=RECOGNISER_RATE, lm=None, loglevel="FATAL")
    late: list[float] = []
    after_pause: list[bool] = []
    pause_heard: list[bool] = []
    aligned = 0
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()[: args.count]
    for sentence in sentences:
        take = performer.speak(sentence)
        with tempfile.TemporaryDirectory() as folder:
            spoken = json.loads(take.export("words", Path(folder) / "words.json").read_text())["words"]
        words = [re.sub(r"[^a-z']", "", word["word"].lower()) for word in spoken]
        if not all(decoder.lookup_word(word) for word in words):
            continue
        found = align(decoder, words, to_recogniser_rate(take.waveform.samples))
        if found is None:
            continue
        aligned += 1
        late += [word["start"] - start for word, start in zip(spoken, found.starts, strict=True)]
        pause_heard += found.after_pause.tolist()
        ends = [-1.0, *(word["end"] for word in spoken)]
        after_pause += [word["start"] - end >= AFTER_PAUSE for word, end in zip(spoken, ends, strict=False)]
    after = np.array(after_pause)
    groups = {
        "all": np.ones(len(late), bool),
        "first, or after a pause": after,
        "of these, where the aligner hears the pause": after & np.array(pause_heard),
    }
    text = report(np.array(late), groups, aligned, len(sentences), args.count)
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


def report(
    late: FloatArray, groups: Mapping[str, NDArray[np.bool_]], aligned: int, spoken: int, count: int
) -> str:
    """The table of how late [W] words start, in seconds, in each group of them [W]."""
    command = f"python -m scripts.evaluate.word_times --count {count}"
    lines = [
        f"Made by `{command}` on {platform.machine()}, Python {platform.python_version()}: "
        f"{aligned} of {spoken} "
        "held-out sentences could be aligned.",
        "",
        "| words | number | start earlier (-) or later than aligned, median | distance, median | 90% "
        f"| within {1e3 * BOUND:.0f} ms |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, chosen in groups.items():
        values = 1e3 * late[chosen]
        far = np.abs(values)
        lines.append(
            f"| {name} | {len(values)} | {np.median(values):+.0f} ms | {np.median(far):.0f} ms "
            f"| {np.percentile(far, 90):.0f} ms | {np.mean(far <= 1e3 * BOUND):.0%} |"
        )
    return "\n".join([*lines, "", NOTE])


if __name__ == "__main__":
    main()
