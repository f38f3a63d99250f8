"""Statistics of the synthesised performance, beside figures from the literature, as a markdown table.

python -m scripts.mira.performance_report passages --contact contact.npz --out scripts/mira/PERFORMANCE.md
"""

from __future__ import annotations

import argparse
import itertools
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.metrics.beats import alignment, motion_beats, onsets
from avgen.pose import head_angles, head_position
from avgen.types import CODE_RATE
from scripts.mira.contact import Contact, load_contact
from scripts.mira.dataset import Passage, Passages
from scripts.mira.performance import measures
from scripts.mira.performance.gaze import AWAY_DEGREES
from scripts.mira.performance.speech import hear
from scripts.mira.performance.synthesise import perform
from scripts.mira.performance.units import FACE_UNITS, UNIT, lip_gaps

Array = NDArray[np.float64]
SEEDS: Final = 6
NOTES: Final = """What emotions change: [STYLES.md](STYLES.md).

1. Bentivoglio et al. 1997, blinks a minute of 150 people.
2. Argyle & Ingham 1972: speakers look at the other for 41% of the time in which they talk.
3. Munhall et al. 2004, multiple regression on head motion, one speaker. Ours: rotation at lags of -0.1, 0 and
   0.1 s, per passage, in the band of 0.4 to 6 Hz.
4. Cavé et al. 1996, eyebrow movements of ten speakers that go with a rise of F0.

What it lacks: laughter, swallowing, listening, hands and shoulders. The head follows the melody less than
people's heads do. An emotion does not change the voice, nor the timing of what is said. It has been looked
at in stills and figures, never watched with sound.
"""
Values = dict[str, list[NDArray[Any]]]
Row = tuple[str, str, str]


def measure(passages: Sequence[Passage], contact: Contact) -> Values:
    """Samples of every measure, one array per passage."""
    values: Values = defaultdict(list)
    for passage in passages:
        channels, head = passage.channels.astype(float), passage.head.astype(float)
        angles = head_angles(head).astype(float)
        gap = lip_gaps(contact, channels)[:, len(contact.g0) // 2]
        _measure_mouth(values, passage, channels, gap, contact)
        _measure_eyes_and_head(values, channels, angles)
        _measure_speech(values, passage, channels, gap, angles)
    return values


def _measure_mouth(values: Values, passage: Passage, channels: Array, gap: Array, contact: Contact) -> None:
    phones = passage.phones
    jaw, pucker = channels[:, UNIT["jawOpen"]], channels[:, UNIT["mouthPucker"]]
    values["closed"].append(measures.closures(phones, channels, contact))
    values["teeth"].append(measures.lip_to_teeth(phones, channels, contact) < 0.002)
    values["sibilant"].append(measures.at_middle(phones, "sz", jaw) < 0.08)
    values["pause"].append(measures.pause_gaps(phones, channels, contact) < 0.0003)
    values["open a"].append(measures.at_middle([p for p in phones if p.stress == 2], "æ", jaw))
    values["th"].append(measures.at_middle(phones, "θð", channels[:, UNIT["tongueOut"]]))
    values["tongue"].append(measures.tongue_in_teeth(channels))
    values["round w"].append(measures.at_middle(phones, "w", pucker))
    values["lead"].append(measures.rounding_leads(phones, pucker))
    values["lip speed"].append(np.abs(np.gradient(gap)) * CODE_RATE)
    for name, curve in (("jaw", jaw), ("gap", gap), ("pucker", pucker)):
        values[f"{name} jitter"].append(np.array([measures.velocity_power_above(curve, 12)]))


def _measure_eyes_and_head(values: Values, channels: Array, angles: Array) -> None:
    speed = np.linalg.norm(np.gradient(angles, axis=0), axis=1) * CODE_RATE
    brow = channels[:, UNIT["browInnerUp"]]
    values["blinks"].append(np.array([len(measures.blink_times(channels))]))
    values["away"].append(measures.gaze_degrees(channels, angles) > AWAY_DEGREES)
    values["angles"].append(angles)
    values["head speed"].append(speed)
    values["brow jitter"].append(np.array([measures.velocity_power_above(brow, 12)]))
    values["head jitter"].append(np.array([measures.velocity_power_above(angles[:, 0], 12)]))


def _measure_speech(values: Values, passage: Passage, channels: Array, gap: Array, angles: Array) -> None:
    speech = hear(passage.phones, passage.mel, passage.f0)
    energy = measures.smooth(np.clip(speech.loudness, -4, 3), 4)
    melody = measures.band_pass(speech.pitch)
    brow = measures.band_pass(channels[:, UNIT["browInnerUp"]])
    pairs = {"energy": (energy, measures.smooth(gap, 4)), "brow": (melody, brow)}
    pairs["pitch"] = (melody, measures.band_pass(angles[:, 0]))
    for name, pair in pairs.items():
        values[f"{name} correlation"].append(np.array([measures.best_correlation(*pair)]))
    rotation = np.stack([measures.band_pass(angle) for angle in angles.T], 1)
    values["rotation"].append(rotation)
    values["melody"].append(speech.pitch)
    values["brow"].append(channels[:, UNIT["browInnerUp"]])
    values["onsets"].append(onsets(passage.mel))
    values["face beats"].append(motion_beats(channels[:, measures.MOUTH_AND_BROWS]))
    values["head beats"].append(motion_beats(head_position(passage.head)))


def seed_variation(passage: Passage, contact: Contact) -> dict[str, float]:
    """Standard deviation across seeds over that in time, by part of the performance."""
    speech = hear(passage.phones, passage.mel, passage.f0)
    takes = [perform(speech, contact, 1000 + seed) for seed in range(SEEDS)]
    channels, angles = np.stack([t.channels for t in takes]), np.stack([t.angles.T for t in takes])
    parts = {
        "mouth": channels[..., [i for i, n in enumerate(FACE_UNITS) if n.startswith(("mouth", "jaw"))]],
        "brows": channels[..., [i for i, n in enumerate(FACE_UNITS) if n.startswith("brow")]],
        "head": angles,
    }
    return {name: float(x.std(0).mean() / x.std(1).mean()) for name, x in parts.items()}


def mouth_rows(pooled: dict[str, Array]) -> list[Row]:
    """Contact, articulation and smoothness of the mouth."""
    share = {name: f"{100 * pooled[name].mean():.1f}%" for name in ("closed", "teeth", "sibilant", "pause")}
    jitter = [f"{100 * pooled[f'{n} jitter'].mean():.2f}" for n in ("gap", "jaw", "pucker", "brow", "head")]
    speed = 1e3 * np.percentile(pooled["lip speed"], 99)
    return [
        ("p, b, m sealed through the hold", f"{share['closed']} of {len(pooled['closed'])}", "always"),
        ("f, v: lower lip within 2 mm of the incisors", share["teeth"], "always"),
        ("s, z: jaw below .08", share["sibilant"], "nearly closed"),
        ("pauses over 0.4 s: lips within 0.3 mm", share["pause"], "closed"),
        ("stressed æ: jaw", f"{pooled['open a'].mean():.2f}", "target .42"),
        ("w: pucker, 10th percentile", f"{np.percentile(pooled['round w'], 10):.2f}", "target .88"),
        ("th: tongueOut", f"{pooled['th'].mean():.2f}", "target .62-.68"),
        (
            "frames with the tongue too far out or up for the incisors",
            f"{100 * pooled['tongue'].mean():.2f}%",
            "never",
        ),
        ("rounding leads u, w", f"{1e3 * np.median(pooled['lead']):.0f} ms", "up to 150-200 ms"),
        ("lip-gap speed, 99th percentile", f"{speed:.0f} mm/s", "about 200"),
        ("velocity power above 12 Hz: gap, jaw, pucker, brow, head", f"{', '.join(jitter)}%", "small"),
        ("correlation of lip gap and loudness", f"{pooled['energy correlation'].mean():.2f}", "positive"),
    ]


def upper_rows(pooled: dict[str, Array], seconds: float) -> list[Row]:
    """Blinks, gaze, brows and head."""
    speed = pooled["head speed"]
    speeds = f"{speed.mean():.0f}, {np.percentile(speed, 95):.0f}, {speed.max():.0f} degrees/s"
    spread = "{:.1f}, {:.1f}, {:.1f} degrees".format(*pooled["angles"].std(0))
    return [
        ("blinks a minute", f"{60 * pooled['blinks'].sum() / seconds:.1f}", "17 at rest, 26 in talk [1]"),
        (
            "gaze away from the viewer",
            f"{100 * pooled['away'].mean():.0f}%",
            "59% face to face [2]; less to a camera",
        ),
        ("head sd: pitch, yaw, roll", spread, "about 3, 4, 2"),
        ("head speed: mean, 95%, greatest", speeds, "smooth"),
        ("correlation of head pitch and F0", f"{pooled['pitch correlation'].mean():.2f}", "positive"),
        ("correlation of brows and F0", f"{pooled['brow correlation'].mean():.2f}", "rise with accents"),
    ]


def timing_rows(values: Values, seeds: dict[str, float]) -> list[Row]:
    """Beat alignment of face and head beside chance, and variation across seeds."""
    rows = []
    for part in ("face", "head"):
        aligned = alignment(values[f"{part} beats"], values["onsets"])
        assert aligned is not None and aligned.shuffled is not None
        label = f"beat alignment of the {part} (other passages' onsets)"
        rows.append((label, f"{aligned.own:.3f} ({aligned.shuffled:.3f})", "above chance"))
    melodies = values["melody"]
    for label, motion, share, known in (
        ("F0 variance that head rotation explains", "rotation", _explained, "63% [3]"),
        ("brow raises with a rise of F0", "brow", measures.raises_with_melody, "71% [4]"),
    ):
        own, chance = (
            np.concatenate([share(m, f0) for m, f0 in zip(values[motion], order, strict=True)]).mean()
            for order in (melodies, [*melodies[1:], melodies[0]])
        )
        rows.append((f"{label} (other passages')", f"{100 * own:.0f}% ({100 * chance:.0f}%)", known))
    variation = ", ".join(f"{seeds[name]:.2f}" for name in ("mouth", "brows", "head"))
    return [*rows, ("variation across seeds / over time: mouth, brows, head", variation, "mouth least")]


def _explained(rotation: Array, pitch: Array) -> Array:
    frames = min(len(rotation), len(pitch))
    melody = measures.band_pass(pitch[:frames])
    return np.array([measures.variance_explained(melody, rotation[:frames])])


def table(passages: Sequence[Passage], contact: Contact) -> str:
    """The report."""
    values = measure(passages, contact)
    pooled = {name: np.concatenate(arrays) for name, arrays in values.items()}
    seconds = sum(len(p.mel) for p in passages) / CODE_RATE
    rows = mouth_rows(pooled) + upper_rows(pooled, seconds)
    rows += timing_rows(values, seed_variation(passages[0], contact))
    lines = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return (
        "# The performance in figures\n\n"
        f"{len(passages)} neutral passages, {seconds:.0f} s of speech. Made by "
        "`python -m scripts.mira.performance_report passages --contact contact.npz --out ...`.\n"
        "Beat alignment: speed minima of the motion against onsets of the speech, sigma 3 frames; in\n"
        "brackets against the onsets of other passages.\n\n"
        "| measure | value | literature or intent |\n| --- | --- | --- |\n" + lines + "\n\n" + NOTES
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path)
    parser.add_argument("--contact", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=120, help="passages to measure")
    args = parser.parse_args()
    neutral = (p for p in Passages(args.passages) if not p.emotion.any())
    passages = list(itertools.islice(neutral, args.limit))
    args.out.write_text(table(passages, load_contact(args.contact)), encoding="utf-8")


if __name__ == "__main__":
    main()
