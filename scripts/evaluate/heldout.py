"""Speech and motion of an actor on held-out sentences, against the performance synthesiser.

    python -m scripts.evaluate.heldout --reference work/passages_eval --out scripts/evaluate/HELDOUT.md

Speech: each sentence goes the whole way from text to sound, and a recogniser says what it hears. Motion: the
flow is given the reference's own phoneme times, so that its lips can be compared frame by frame with the
performance of the same sentence. No training text contains these sentences.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from avgen.avatars.actor import find_actor
from avgen.avatars.codec import FaceCodec
from avgen.components import Models
from avgen.flow.avflow import AVFlow
from avgen.flow.text_to_tokens import LOGIT
from avgen.metrics.hearing import to_listening_rate, transcribe
from avgen.metrics.lips import CLOSED, frame_f1
from avgen.metrics.timing import delay
from avgen.metrics.words import word_error_rate
from avgen.stages.sample import sample
from avgen.stages.tokenize import tokenize
from avgen.stages.vocode import vocode
from avgen.text import read_script
from avgen.text.labels import LABELS
from avgen.types import CODE_RATE, FloatArray
from scripts.mira.dataset import Passage, Passages
from scripts.mira.phones import BILABIALS, is_pause
from scripts.train.data import frame_labels

MAX_LAG = 12
"""Longest delay looked for, in code frames (0.14 s)."""


@dataclass(slots=True)
class Speech:
    """What was heard, and the work it took."""

    heard: list[str] = field(default_factory=list)
    work: dict[str, float] = field(default_factory=lambda: {"tokens": 0.0, "flow": 0.0, "vocoder": 0.0})
    seconds: float = 0.0


def speak(models: Models, sentences: list[str], steps: int) -> Speech:
    """Text to sound to text, one clip per sentence; the seed is its number."""
    result = Speech()
    for seed, text in enumerate(sentences):
        clock = [time.perf_counter()]
        tokens = tokenize(
            read_script(text), models["text_to_tokens"], seed=seed, speaking_rate=1.0, sentence_silence=0.35
        )
        clock.append(time.perf_counter())
        codes = sample(tokens, models["flow"], models["head_vae"], seed=seed, steps=steps, temperature=1.0)
        clock.append(time.perf_counter())
        speech = vocode(codes, models["vocoder"], seed=seed)
        clock.append(time.perf_counter())
        for name, spent in zip(result.work, np.diff(clock), strict=True):
            result.work[name] += spent if seed else 0.0  # the first clip also loads the models
        result.seconds += speech.duration if seed else 0.0
        result.heard.append(transcribe(to_listening_rate(speech.samples)))
    return result


def other_decoder(models: Models, sentences: list[str], steps: int) -> dict[str, Speech]:
    """The same with logits decoded the way that is not the actor's default, where it has both."""
    network = models["text_to_tokens"]
    if network.flow is None:
        return {}
    default = network.config
    decoder = "flow" if default.decoder == "repeat" else "repeat"
    network.config = replace(default, decoder=decoder)
    speech = speak(models, sentences, steps)
    network.config = default
    return {f", logits by {decoder} instead of {default.decoder}": speech}


@dataclass(slots=True)
class Motion:
    """Lips and sound of all clips in speech, and face channels and head poses of their whole length."""

    opening: dict[str, list[FloatArray]] = field(default_factory=lambda: {"reference": [], "flow": []})
    loudness: dict[str, list[FloatArray]] = field(default_factory=lambda: {"reference": [], "flow": []})
    channels: dict[str, list[FloatArray]] = field(default_factory=lambda: {"reference": [], "flow": []})
    head: dict[str, list[FloatArray]] = field(default_factory=lambda: {"reference": [], "flow": []})
    bilabial: list[np.ndarray] = field(default_factory=list)


def move(models: Models, passages: Passages, steps: int) -> Motion:
    """Generate each reference passage from its own phoneme times."""
    flow: AVFlow = models["flow"]
    codec: FaceCodec = models["avatar"].codec
    result = Motion()
    for seed, passage in enumerate(passages):
        labels = frame_labels(passage.phones, len(passage.mel))
        logits = LOGIT * np.eye(len(LABELS), dtype=np.float32)[labels]
        drawn = flow.sample(logits, seed, num_steps=steps)
        spoken, bilabial = _frames(passage)
        for name, face, mel, head in (
            ("reference", codec.encode(passage.channels), passage.mel, passage.head),
            ("flow", drawn.face, drawn.mel, models["head_vae"].decode(drawn.head_latent)),
        ):
            result.channels[name].append(codec.channels(face))
            result.head[name].append(head)
            result.opening[name].append(codec.lip_gap(face)[spoken])
            result.loudness[name].append(mel[spoken].mean(1))
        result.bilabial.append(bilabial[spoken])
    return result


def _frames(passage: Passage) -> tuple[np.ndarray, np.ndarray]:
    """Frames from the first sound to the last, as a slice's indices, and where p, b and m are."""
    sounds = [phone for phone in passage.phones if not is_pause(phone.name)]
    centre = (np.arange(len(passage.mel)) + 0.5) / CODE_RATE
    spoken = np.flatnonzero((centre >= sounds[0].start) & (centre < sounds[-1].end))
    bilabial = np.zeros(len(centre), bool)
    for phone in sounds:
        if phone.name in BILABIALS:
            bilabial |= (centre >= phone.start) & (centre < phone.end)
    return spoken, bilabial


def measure(motion: Motion) -> dict[str, float]:
    """Closure F1 and delays; positive delays mean that the flow is late."""
    reference, flow = (np.concatenate(motion.opening[name]) for name in ("reference", "flow"))
    loud, heard = (np.concatenate(motion.loudness[name]) for name in ("reference", "flow"))
    bilabial = np.concatenate(motion.bilabial)
    near = np.convolve(bilabial, np.ones(5), "same") > 0
    closed, shut = reference < CLOSED, flow < CLOSED
    lips, match = delay([reference], [flow], MAX_LAG)
    sound, _ = delay([loud], [heard], MAX_LAG)
    return {
        "closure_f1": frame_f1(closed, shut),
        "closure_f1_bilabials": frame_f1(closed[near], shut[near]),
        "lip_lag_ms": 1e3 * lips / CODE_RATE,
        "lip_correlation": match,
        "sound_lag_ms": 1e3 * sound / CODE_RATE,
        "bilabial_frames": int(bilabial.sum()),
    }


def liveliness(motion: Motion, codec: FaceCodec, name: str) -> dict[str, str]:
    """Blinks a minute at two thresholds of lid closure; spreads of gaze, brows and jaw, and of the head."""
    blink, brow = codec.unit("eyeBlinkLeft"), codec.unit("browInnerUp")
    inwards, outwards = codec.unit("eyeLookInLeft"), codec.unit("eyeLookOutLeft")
    channels, head = np.concatenate(motion.channels[name]), np.concatenate(motion.head[name])
    minutes = len(channels) / CODE_RATE / 60

    def blinks(threshold: float) -> float:
        closed = [clip[:, blink] >= threshold for clip in motion.channels[name]]
        return sum(int((clip[1:] & ~clip[:-1]).sum()) for clip in closed) / minutes

    pitch, yaw, roll = np.degrees(2 * head[:, 1:4].std(0))
    return {
        "blinks a minute, lids half closed / nine tenths": f"{blinks(0.5):.1f} / {blinks(0.9):.1f}",
        "gaze, standard deviation": f"{(channels[:, inwards] - channels[:, outwards]).std():.3f}",
        "inner brows, standard deviation": f"{channels[:, brow].std():.3f}",
        "jaw, standard deviation": f"{channels[:, codec.unit('jawOpen')].std():.3f}",
        "head pitch, yaw, roll, standard deviation": f"{pitch:.1f}, {yaw:.1f}, {roll:.1f} degrees",
    }


def table(rows: dict[str, str], command: str) -> str:
    """Markdown table with the command and machine that made it."""
    lines = [f"Made by `{command}` on {platform.machine()}, {platform.python_version()}.", ""]
    lines += ["| measure | value |", "| --- | --- |"]
    return "\n".join(lines + [f"| {name} | {value} |" for name, value in rows.items()]) + "\n"


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--reference", type=Path, required=True, help="passages of the same sentences")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--out", type=Path, help="markdown file; heard text goes beside it as .json")
    args = parser.parse_args()
    models = Models(find_actor(args.actor))
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()
    speech = speak(models, sentences, args.steps)
    rates = {"": speech, **other_decoder(models, sentences, args.steps)}
    moved = move(models, Passages(args.reference), args.steps)
    motion = measure(moved)
    lively = {name: liveliness(moved, models["avatar"].codec, name) for name in ("flow", "reference")}
    rows = {
        "sentences": str(len(sentences)),
        **{
            f"word error rate, whisper tiny.en{name}": f"{100 * word_error_rate(sentences, run.heard):.1f}%"
            for name, run in rates.items()
        },
        "lip closure F1 on p, b, m": f"{motion['closure_f1_bilabials']:.3f}",
        "lip closure F1, all speech frames": f"{motion['closure_f1']:.3f}",
        "lips behind the performance": f"{motion['lip_lag_ms']:.0f} ms (r = {motion['lip_correlation']:.2f})",
        "sound behind the teacher": f"{motion['sound_lag_ms']:.0f} ms",
        **{
            measure_name: f"{value} (reference {lively['reference'][measure_name]})"
            for measure_name, value in lively["flow"].items()
        },
        **{
            f"{name}, seconds per second of video": f"{spent / speech.seconds:.3f}"
            for name, spent in speech.work.items()
        },
    }
    text = table(rows, f"python -m scripts.evaluate.heldout --steps {args.steps}")
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
        pairs = [{"said": a, "heard": b} for a, b in zip(sentences, speech.heard, strict=True)]
        args.out.with_suffix(".json").write_text(json.dumps(pairs, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
