"""Ten minutes in one piece: does the voice keep its level, the head its place, and do windows leave seams?

    python -m scripts.evaluate.long --minutes 10 --out scripts/evaluate/LONG.md

Speaks paragraphs of the held-out sentences (tokens, flow and vocoder; no picture) and reports, minute by
minute, level and head position, the pauses, and how fast the codes move across the borders of the flow's
streaming windows compared with everywhere else. The clip is generated with two window lengths: the results
must be equal but for the rounding of float32.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import avgen
from avgen.actors.components import Models
from avgen.emotion import Emotion
from avgen.performer import Performer, Take
from avgen.pose import head_angles
from avgen.speech.audio import speech_level
from avgen.stages.sample import emotion_track, finish, voice_track
from avgen.text.labels import PAUSES
from avgen.tracks import Codes
from avgen.types import CODE_RATE, HOP_SIZE, Cues, FloatArray, Tokens

CHUNK: Final = 2048
"""Frames per window of `AVFlow.sample`, its default."""
OTHER_CHUNK: Final = 3001
TRACKS: Final = {"mel": "mel", "face": "face codes", "head": "head"}
PARAGRAPH: Final = 5
"""Sentences of a paragraph."""
SPEAKING: Final = 3.0
"""Seconds that a sentence lasts at least, with the silence after it."""


@dataclass(frozen=True, slots=True)
class Long:
    """The generated clip.

    Attributes:
        take: all that was made of it, the flow in windows of CHUNK frames.
        seconds: CPU time of each stage.
        peak: memory in MB after each stage.
    """

    take: Take
    seconds: dict[str, float]
    peak: dict[str, float]


def write(sentences: Sequence[str], minutes: float, seed: int) -> str:
    """A script of about so many minutes: paragraphs of the sentences in ever new order."""
    rng = np.random.default_rng(seed)
    count = int(np.ceil(60 * minutes / SPEAKING))
    order: list[int] = []
    while len(order) < count:
        order += rng.permutation(len(sentences)).tolist()
    chosen = [sentences[i] for i in order[:count]]
    paragraphs = [chosen[i : i + PARAGRAPH] for i in range(0, count, PARAGRAPH)]
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)


def speak(performer: Performer, script: str, seed: int, steps: int) -> Long:
    """Tokens, flow and vocoder of a script, with the memory each needed."""
    seconds, peak = {}, {}
    for slot in ("text_to_tokens", "flow", "head_vae", "vocoder"):
        performer.models[slot]
    take = performer.speak(script, seed=seed, steps=steps)
    parts: dict[str, Callable[[], object]] = {
        "tokens": lambda: take.tokens,
        "flow and head": lambda: take.codes,
        "vocoder": lambda: take.waveform,
    }
    for name, make in parts.items():
        started = time.process_time()
        make()
        seconds[name] = time.process_time() - started
        peak[name] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Long(take, seconds, peak)


def draw_again(take: Take, models: Models) -> Codes:
    """The same speech and motion, in windows of OTHER_CHUNK frames."""
    tokens, config, flow = take.tokens, take.spec.config, models["flow"]
    assert isinstance(config.emotion, Emotion)
    emotions = emotion_track(tokens, config.emotion)
    conditions = {"tokens": tokens.logits, "emotion": emotions}
    if len(take.spec.voice) > 1:
        conditions["voice"] = voice_track(tokens, take.spec.voice)
    drawn = flow.sample(
        conditions,
        take.spec.clip_seed,
        num_steps=config.steps,
        chunk=OTHER_CHUNK,
    )
    return finish(drawn, flow, models["head_vae"], Cues(drawn["mel"], tokens.logits, emotions))


def minutes_rows(codes: Codes, samples: FloatArray) -> list[dict[str, float]]:
    """Level of the speech [S] in dB, mean head pose, and its spread, of every minute."""
    frames = round(60 * CODE_RATE)
    angles, place = head_angles(codes["head"]), 1e3 * codes["head"][:, 4:]
    rows = []
    for start in range(0, len(angles) - frames // 2, frames):
        part = slice(start, start + frames)
        pitch, yaw, roll = angles[part].mean(0).tolist()
        rows.append(
            {
                "level": speech_level(samples[start * HOP_SIZE : (start + frames) * HOP_SIZE]),
                "pitch": pitch,
                "yaw": yaw,
                "roll": roll,
                "head_spread": float(angles[part].std(0).mean()),
                "place": float(np.linalg.norm(place[part].mean(0) - place.mean(0))),
                "face_spread": float(codes["face"][part].std(0).mean()),
            }
        )
    return rows


def drift(rows: Sequence[dict[str, float]], key: str) -> float:
    """Change over the whole clip of the straight line through the minutes."""
    slope = np.polyfit(np.arange(len(rows)), [row[key] for row in rows], 1)[0] if len(rows) > 1 else 0.0
    return float(slope * (len(rows) - 1))


def seam_speeds(values: FloatArray, borders: NDArray[np.int64]) -> tuple[float, float, float]:
    """Median speed of standardised codes [N, K] across borders and elsewhere, and the borders' mean rank.

    The rank is the share of all steps that are slower than the step across a border: 0.5 on average, with a
    standard error of 0.29 / sqrt(borders), if borders are steps like any other.
    """
    standard = (values - values.mean(0)) / (values.std(0) + 1e-9)
    speed = np.linalg.norm(np.diff(standard, axis=0), axis=1)
    across = speed[borders - 1]
    rank = np.searchsorted(np.sort(speed), across) / len(speed)
    return float(np.median(across)), float(np.median(speed)), float(rank.mean())


def pauses(tokens: Tokens) -> NDArray[np.float64]:
    """Seconds of every silence of at least 0.1 s between two sounds."""
    silent = [p.end - p.start for p in tokens.phonemes[1:-1] if p.label in PAUSES]
    return np.array([seconds for seconds in silent if seconds >= 0.1])


def report(clip: Long, again: Codes, small_peak: float) -> Iterator[tuple[str, str]]:
    """Rows of the table."""
    codes, tokens = clip.take.codes, clip.take.tokens
    frames, length = len(codes), codes.duration
    rows = minutes_rows(codes, clip.take.waveform.samples)
    borders = np.arange(CHUNK, frames, CHUNK)
    silent = pauses(tokens)
    levels = [row["level"] for row in rows]
    yield "length", f"{length / 60:.1f} minutes, {len(tokens.words)} words"
    yield "level of the speech, least and greatest minute", f"{min(levels):.1f}, {max(levels):.1f} dB"
    yield "level, drift from first to last minute", f"{drift(rows, 'level'):+.2f} dB"
    for axis in ("pitch", "yaw", "roll"):
        found = [row[axis] for row in rows]
        yield (
            f"head {axis}, mean of a minute: least, greatest, drift",
            f"{min(found):.1f}, {max(found):.1f}, {drift(rows, axis):+.2f} degrees",
        )
    spread = [row["head_spread"] for row in rows]
    yield (
        "head angles, spread within a minute: least, greatest",
        f"{min(spread):.1f}, {max(spread):.1f} degrees",
    )
    yield "head place, farthest minute from the mean", f"{max(row['place'] for row in rows):.1f} mm"
    lively = [row["face_spread"] for row in rows]
    yield "face codes, spread within a minute: least, greatest", f"{min(lively):.2f}, {max(lively):.2f}"
    yield (
        "pauses of 0.1 s or more: a minute, median, 90%, longest",
        f"{60 * len(silent) / length:.0f}, {np.median(silent):.2f}, {np.quantile(silent, 0.9):.2f}, "
        f"{silent.max():.2f} s",
    )
    for name, label in TRACKS.items():
        across, anywhere, rank = seam_speeds(codes[name], borders)
        yield (
            f"{label}: median speed across {len(borders)} borders, anywhere; mean rank",
            f"{across:.2f}, {anywhere:.2f}; {rank:.2f} (0.50 +- {0.29 / np.sqrt(len(borders)):.2f})",
        )
    yield (
        f"windows of {CHUNK} and {OTHER_CHUNK} frames: greatest difference of mel, face, head",
        ", ".join(f"{np.abs(codes[name] - again[name]).max():.0e}" for name in TRACKS),
    )
    for name, spent in clip.seconds.items():
        yield f"{name}, CPU seconds per second of video", f"{spent / length:.4f}"
    peak = max(clip.peak.values())
    yield "peak memory of half a minute; of the whole", f"{small_peak:.0f} MB; {peak:.0f} MB"


def main() -> None:
    """Generate, measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="markdown file; the minutes go beside it as .json")
    args = parser.parse_args()
    performer = avgen.load_actor(args.actor)
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()
    small = speak(performer, write(sentences, 0.5, args.seed), args.seed, args.steps)
    clip = speak(performer, write(sentences, args.minutes, args.seed), args.seed, args.steps)
    again = draw_again(clip.take, performer.models)
    rows = dict(report(clip, again, max(small.peak.values())))
    command = f"python -m scripts.evaluate.long --minutes {args.minutes:g} --steps {args.steps}"
    lines = [f"Made by `{command}` on {platform.machine()}, Python {platform.python_version()}.", ""]
    lines += ["| measure | value |", "| --- | --- |", *(f"| {a} | {b} |" for a, b in rows.items())]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
        minutes = json.dumps({"minutes": minutes_rows(clip.take.codes, clip.take.waveform.samples)}, indent=1)
        args.out.with_suffix(".json").write_text(minutes + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
