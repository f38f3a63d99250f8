"""What a partner does to an actor's own speech: turns of dialogues, drawn with the partner and without.

    avgen render dialogue.txt -o dialogue
    python -m scripts.evaluate.dialogues dialogue --out scripts/evaluate/DIALOGUES.md

Both are drawn from the same tokens under the same seeds, so that nothing but the partner differs. Words and
P.808 are those of each turn alone; beats are measured turn by turn, chance by other turns' sound.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

import avgen
from avgen.emotion import Emotion
from avgen.metrics.beats import Beats, alignment, motion_beats, onsets
from avgen.metrics.lips import closures_made
from avgen.metrics.motion import facial_motion
from avgen.metrics.words import word_error_rate
from avgen.partner import Partner
from avgen.performer import Performer
from avgen.pose import head_angles
from avgen.speech import recognition
from avgen.stages.attention import own_turns
from avgen.stages.sample import sample
from avgen.stages.vocode import vocode
from avgen.takes.cache import Cache, default_root
from avgen.takes.folder import read_finished, recall
from avgen.takes.receipts import Receipt
from avgen.tracks import Codes
from avgen.types import CODE_RATE, SAMPLE_RATE, Tokens

ALONE: Final = "without"
TOLD: Final = "with"
EDGE_SECONDS: Final = 0.2
"""Of sound that a recogniser hears around a turn."""
LEAST_SECONDS: Final = 2.0
"""Shorter turns have no P.808 of their own."""


@dataclass
class Spoken:
    """What was said in turns, and how it was heard and shown."""

    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    p808: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    face: list[Beats] = field(default_factory=list)
    head: list[Beats] = field(default_factory=list)
    sound: list[Beats] = field(default_factory=list)

    def add(self, performer: Performer, tokens: Tokens, codes: Codes, samples: np.ndarray) -> None:
        """Measure the turns of one person."""
        codec = performer.models["avatar"].codec
        moved = facial_motion(codec, codes["face"]), head_angles(codes["head"])
        if (share := closures_made(codec.lip_gap(codes["face"]), tokens.phonemes)) is not None:
            self.closed.append(share)
        for start, end in own_turns(tokens):
            words = [word.label for word in tokens.words if start - EDGE_SECONDS <= word.start < end]
            first, stop = max(start - EDGE_SECONDS, 0.0), end + EDGE_SECONDS
            sound = samples[round(first * SAMPLE_RATE) : round(stop * SAMPLE_RATE)]
            heard = recognition.to_recogniser_rate(sound)
            self.said.append(" ".join(words))
            self.heard.append(recognition.transcribe(heard))
            if end - start > LEAST_SECONDS:
                self.p808.append(recognition.dnsmos(heard)[1])
            frames = slice(round(first * CODE_RATE), round(stop * CODE_RATE))
            self.face.append(motion_beats(moved[0][frames]))
            self.head.append(motion_beats(moved[1][frames]))
            self.sound.append(onsets(codes["mel"][frames]))

    def rows(self) -> dict[str, str]:
        """Cells by the name of the measure."""
        cells = {"words wrong, whisper tiny.en": f"{word_error_rate(self.said, self.heard):.1%}"}
        error = np.std(self.p808, ddof=1) / np.sqrt(len(self.p808))
        cells["DNSMOS P.808 of turns (standard error)"] = f"{np.mean(self.p808):.2f} ({error:.2f})"
        cells["p, b and m in which the lips close"] = f"{np.mean(self.closed):.1%}"
        for name, beats in (("face", self.face), ("head", self.head)):
            found = alignment(beats, self.sound)
            assert found is not None and found.shuffled is not None
            cells[f"beats of the {name}; chance; over chance"] = (
                f"{found.own:.3f}; {found.shuffled:.3f}; {found.own - found.shuffled:.3f}"
            )
        return cells


def speak(
    performer: Performer, receipt: Receipt, tokens: Tokens, partner: Partner | None, seed: int
) -> tuple[Codes, np.ndarray]:
    """Codes and sound of one person of a dialogue."""
    actor, models = performer.actor, performer.models
    shares = actor.shares(str(receipt.settings["voice"]))
    emotion = Emotion.parse(str(receipt.settings["emotion"]))
    codes = sample(
        tokens,
        models["flow"],
        models["head_vae"],
        seed=seed,
        emotion=emotion,
        steps=int(receipt.settings["steps"]),
        temperature=1.0,
        guidance_scale=1.0,
        advance=lambda done, total: None,
        voice=shares,
        partner=partner,
    )
    sound = vocode(
        codes,
        tokens,
        models["vocoder"],
        seed=seed,
        emotion=emotion,
        voice=shares,
        speech_gain_db=actor.speech_gain_db,
        mean_pitches=actor.mean_pitches,
    )
    return codes, sound.samples


def main() -> None:
    """Draw both, measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="that avgen render wrote a dialogue to")
    parser.add_argument("--seeds", type=int, default=1, help="takes of every person")
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    cache, spoken, seconds = Cache(default_root()), {ALONE: Spoken(), TOLD: Spoken()}, 0.0
    for finished in read_finished(args.folder):
        receipt = finished.receipt
        if receipt.road != "dialogue":
            continue
        known, performer = recall(receipt.results, cache), avgen.load_actor(receipt.actor)
        seconds += receipt.duration
        for seed in range(args.seeds):
            draw = partial(speak, performer, receipt, known["tokens"], seed=seed)
            for name, partner in ((ALONE, None), (TOLD, known["partner"])):
                spoken[name].add(performer, known["tokens"], *draw(partner=partner))
    text = table(spoken, seconds, args.seeds)
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


def table(spoken: dict[str, Spoken], seconds: float, seeds: int) -> str:
    """The table as markdown."""
    rows: Sequence[dict[str, str]] = [spoken[name].rows() for name in (ALONE, TOLD)]
    lines = [
        "# Speech in dialogues, with a partner and without",
        "",
        f"{len(spoken[TOLD].said)} turns of held-out sentences in {seconds:.0f} s, {seeds} takes of each.",
        f"Made by `python -m scripts.evaluate.dialogues` on {platform.machine()}, {os.cpu_count()} cores.",
        "",
        f"| measure | {ALONE} a partner | {TOLD} |",
        "| --- | --- | --- |",
        *(f"| {name} | {rows[0][name]} | {rows[1][name]} |" for name in rows[0]),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
