"""Measures of a folder of rendered files, each for itself and all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Final

import numpy as np

from avgen.metrics.beats import Beats, alignment, beat_align_score
from avgen.metrics.cepstra import mel_cepstral_distortion
from avgen.metrics.distribution import diversity, frechet_distance
from avgen.metrics.lips import (
    CLOSED,
    SMILE_WIDENING,
    closure_delays,
    closures_made,
    frame_f1,
    mouth_widening,
)
from avgen.metrics.motion import blink_count, blinks_per_minute, loudness
from avgen.metrics.rendered import Rendered
from avgen.metrics.score import score
from avgen.metrics.timing import delay, on_clock
from avgen.metrics.turns import turn_taking
from avgen.metrics.words import character_error_rate, word_error_rate
from avgen.pose import head_position
from avgen.speech import recognition
from avgen.stages.table import ALWAYS, FLOW_STAGES
from avgen.types import CODE_RATE, FloatArray

MAX_LAG: Final = 12
"""Longest delay looked for, in code frames (0.14 s)."""
Values = dict[str, float]

METRICS: Final = {
    "seconds": "length of the clip",
    "score": "how well it is said, shown and heard, 0 to 100",
    "word_error_rate": "words that whisper tiny.en hears wrong",
    "character_error_rate": "characters that it hears wrong",
    "dnsmos": "speech quality, DNSMOS overall, 1 to 5",
    "dnsmos_p808": "speech quality, DNSMOS P.808, 1 to 5",
    "lips_closed": "p, b and m in which the lips close",
    "sound_delay_ms": "sound of the file behind the generated sound that the picture follows",
    "av_offset_ms": "closing lips behind the sound that is heard",
    "beat_face": "beat alignment of sound and face (BC_e, sigma 3 frames)",
    "beat_face_shuffled": "the same with the sound of other clips",
    "beat_head": "beat alignment of sound and head (BC_h, sigma 3 frames)",
    "beat_head_shuffled": "the same with the sound of other clips",
    "beat_hands": "beat alignment of sound and braking hands (BC, sigma 3 frames)",
    "beat_hands_shuffled": "the same with the sound of other clips",
    "blinks_per_minute": "blinks a minute",
    "gestures_per_minute": "gestures of the hands a minute",
    "hands_resting": "frames in which both hands rest",
    "hands_in_trunk": "frames in which a hand or forearm is deeper than 5 mm in the trunk",
    "hands_touching": "frames in which the hands are deeper than 5 mm in each other",
    "foot_slide": "speed of the feet, which stand still, millimetres a second",
    "hand_jerk": "jerk of the hands, root mean square, metres a second cubed",
    "diversity_face": "standard deviation of face codes over time (Div_e)",
    "diversity_head": "standard deviation of head angles over time (Div_h), degrees",
    "diversity_body": "standard deviation of body codes over time (Div), radians and metres",
    "takes_diversity_face": "standard deviation of face codes across takes of a text",
    "takes_diversity_head": "standard deviation of head angles across takes of a text, degrees",
    "turn_gap": "median seconds between turns of different people",
    "turns_overlapping": "turns that begin before the one before them ends",
    "takes_diversity_body": "standard deviation of body codes across takes of a text",
    "work_per_second": "seconds of work per second of video, all stages",
    "flow_per_second": "seconds of work per second of video, tokens and flow",
    "mcd": "mel cepstral distortion against the reference with time warping, dB",
    "lip_f1": "F1 of closed lips against the reference",
    "smile_f1": "F1 of smiles against the reference",
    "frechet_face": "Frechet distance of face codes to the reference (FD_e)",
    "frechet_head": "Frechet distance of head poses to the reference (FD_h), degrees and millimetres",
    "frechet_body": "Frechet distance of body codes to the reference (FD), radians and metres",
}
"""Every measure, in the order of reports."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures by name; what could not be had is left out.

    Attributes:
        clips: by file name.
        summary: of all files together.
        missing: why measures of a file, or of all (""), could not be had.
    """

    clips: Mapping[str, Mapping[str, float]]
    summary: Mapping[str, float]
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the measures as what JSON can hold."""
        return asdict(self)


def evaluate(
    files: Sequence[Rendered],
    reference: Mapping[str, Rendered] | None = None,
    tell: Callable[[str], None] = lambda name: None,
) -> Evaluation:
    """Measure rendered files.

    Args:
        files: the files.
        reference: files of the same names to measure against.
        tell: called with the name of each file before it is measured.
    """
    absent = recognition.missing_packages()
    clips: dict[str, Values] = {}
    heard: dict[str, tuple[str, str]] = {}
    missing: dict[str, Sequence[str]] = {file.name: file.missing for file in files if file.missing}
    if absent:
        missing[""] = [f"word errors and DNSMOS need {', '.join(absent)}: {recognition.INSTALL}"]
    for file in files:
        tell(file.name)
        clips[file.name] = {"seconds": file.finished.receipt.duration, **_work(file)}
        if not absent:
            clips[file.name] |= _recognise(file, heard)
        clips[file.name] |= _movement(file) | turn_taking([one.words for one in file.people])
        if reference and file.name in reference:
            clips[file.name] |= _against(file, reference[file.name])
        if (points := score(clips[file.name])) is not None:
            clips[file.name]["score"] = points
    summary = _together(clips) | _recognised_together(heard) | _moves_together(files)
    if "sound_delay_ms" in summary and (lips := _lip_delay(files)) is not None:
        summary["av_offset_ms"] = lips - summary["sound_delay_ms"]
    if reference:
        summary |= _distances(files, reference)
    return Evaluation(
        {name: _in_order(values) for name, values in clips.items()}, _in_order(summary), missing
    )


def _in_order(values: Values) -> Values:
    return {name: values[name] for name in METRICS if name in values}


def _work(file: Rendered) -> Values:
    spent, length = file.seconds, file.finished.receipt.duration
    values = {}
    for name, stages in (("flow_per_second", FLOW_STAGES), ("work_per_second", ALWAYS)):
        if set(stages) <= spent.keys():
            values[name] = sum(spent[stage] for stage in stages) / length
    return values


def _recognise(file: Rendered, heard: dict[str, tuple[str, str]]) -> Values:
    """Word errors and quality of a file's sound; what was said and heard goes to `heard`."""
    samples = recognition.to_recogniser_rate(file.sound)
    overall, p808 = recognition.dnsmos(samples)
    values = {"dnsmos": overall, "dnsmos_p808": p808}
    if said := file.said:
        heard[file.name] = said, recognition.transcribe(samples)
        values |= _recognised_together({file.name: heard[file.name]})
    return values


def _recognised_together(heard: Mapping[str, tuple[str, str]]) -> Values:
    if not heard:
        return {}
    said, got = zip(*heard.values(), strict=True)
    return {
        "word_error_rate": word_error_rate(said, got),
        "character_error_rate": character_error_rate(said, got),
    }


def _movement(file: Rendered) -> Values:
    """Measures of a file's motion, alone and with its sound."""
    codes, avatar = file.codes, file.avatar
    if codes is None:
        return {}
    generated, heard = loudness(codes["mel"]), loudness(file.mel)
    length = min(len(generated), len(heard))
    generated, heard = generated[:length], heard[:length]
    values: Values = {
        "diversity_face": diversity(codes["face"]),
        "diversity_head": diversity(file.head_angles),
    }
    if length > MAX_LAG + 1 and min(generated.std(), heard.std()) > 0:
        values["sound_delay_ms"] = 1e3 / CODE_RATE * delay([generated], [heard], MAX_LAG).frames
    beats = {"beat_face": file.face_beats, "beat_head": file.head_beats}
    if file.body is not None:
        values |= file.body.measures()
        beats["beat_hands"] = file.body.beats
    scores: dict[str, float | None] = {name: beat_align_score(beats[name], file.onsets) for name in beats}
    if avatar is not None:
        values["blinks_per_minute"] = blinks_per_minute(avatar.codec, codes["face"])
        if file.tokens:
            scores["lips_closed"] = closures_made(avatar.codec.lip_gap(codes["face"]), file.tokens.phonemes)
        lips, sound = _lip_delay([file]), values.get("sound_delay_ms")
        scores["av_offset_ms"] = None if lips is None or sound is None else lips - sound
    return values | {name: value for name, value in scores.items() if value is not None}


def _together(clips: Mapping[str, Values]) -> Values:
    """Means over the files, weighted by their lengths; of lengths the sum."""
    names = dict.fromkeys(name for values in clips.values() for name in values)
    pooled: Values = {}
    for name in names:
        rows = [(values[name], values["seconds"]) for values in clips.values() if name in values]
        pooled[name] = float(np.average([value for value, _ in rows], weights=[length for _, length in rows]))
    pooled["seconds"] = sum(values["seconds"] for values in clips.values())
    return pooled


def _moves_together(files: Sequence[Rendered]) -> Values:
    """Measures that need several files: chance levels, delays, spreads, and differences between takes."""
    distinct = list({file.generation: file for file in files}.values())
    known = [file for file in distinct if file.codes is not None]
    faces = [file for file in known if file.avatar is not None]
    if not known:
        return {}
    values: Values = {
        "diversity_face": diversity(np.concatenate([r.codes["face"] for r in known if r.codes])),
        "diversity_head": diversity(np.concatenate([r.head_angles for r in known])),
        **_chance("beat_head", [r.head_beats for r in known], known),
        **_chance("beat_face", [r.face_beats for r in faces], faces),
    }
    return values | _faces_together(faces) | _bodies_together(known) | _takes(known)


def _chance(name: str, beats: Sequence[Beats], files: Sequence[Rendered]) -> Values:
    found = alignment(beats, [file.onsets for file in files])
    if found is None:
        return {}
    values = {name: found.own}
    return values if found.shuffled is None else {**values, f"{name}_shuffled": found.shuffled}


def _faces_together(files: Sequence[Rendered]) -> Values:
    blinks, frames = 0, 0
    for file in files:
        if file.codes is not None and file.avatar is not None:
            blinks += blink_count(file.avatar.codec, file.codes["face"])
            frames += len(file.codes["face"])
    return {"blinks_per_minute": blinks * 60 * CODE_RATE / frames} if frames else {}


def _bodies_together(files: Sequence[Rendered]) -> Values:
    moving = [(file, body) for file in files if (body := file.body) is not None]
    if not moving:
        return {}
    shown, bodies = zip(*moving, strict=True)
    spread = {"diversity_body": diversity(np.concatenate([body.code for body in bodies]))}
    return spread | _chance("beat_hands", [body.beats for body in bodies], shown)


def _lip_delay(files: Sequence[Rendered]) -> float | None:
    """Milliseconds by which lips close on p, b and m behind the moments when these are said."""
    found = [
        closure_delays(file.avatar.codec.lip_gap(file.codes["face"]), file.tokens.phonemes)
        for file in files
        if file.codes is not None and file.avatar is not None and file.tokens is not None
    ]
    delays = np.concatenate(found) if found else np.zeros(0)
    return 1e3 / CODE_RATE * float(delays.mean()) if len(delays) else None


def _takes(files: Sequence[Rendered]) -> Values:
    """Differences between takes of one text, brought to the clock of the first."""
    spreads: dict[str, list[float]] = {name: [] for name in ("face", "head", "body")}
    ordered = sorted((r for r in files if r.words), key=lambda r: r.finished.receipt.text)
    for _, group in groupby(ordered, key=lambda r: r.finished.receipt.text):
        takes = list(group)
        if len(takes) < 2:
            continue
        motions = {
            "face": [r.codes["face"] for r in takes if r.codes],
            "head": [r.head_angles for r in takes],
            "body": [r.body.code for r in takes if r.body],
        }
        for name, moved in motions.items():
            if len(moved) == len(takes):
                timed = [_follow(x, r, takes[0]) for x, r in zip(moved, takes, strict=True)]
                spreads[name].append(diversity(np.stack(timed)))
    return {f"takes_diversity_{name}": float(np.mean(found)) for name, found in spreads.items() if found}


def _follow(values: FloatArray, file: Rendered, clock: Rendered) -> FloatArray:
    assert clock.codes is not None
    return on_clock(values, file.words, clock.words, len(clock.codes["face"]))


def _against(file: Rendered, reference: Rendered) -> Values:
    """Measures of one file against another of the same text."""
    values = {"mcd": mel_cepstral_distortion(reference.mel, file.mel)}
    avatar, codes, wanted = file.avatar, file.codes, reference.codes
    same = [word.label for word in file.words] == [word.label for word in reference.words]
    if avatar is None or codes is None or wanted is None or reference.avatar is None or not same:
        return values
    if wanted["face"].shape[1] != codes["face"].shape[1]:
        return values
    face = _follow(codes["face"], file, reference)
    lips = [
        whose.codec.lip_gap(x) < CLOSED for whose, x in ((reference.avatar, wanted["face"]), (avatar, face))
    ]
    smiles = [
        mouth_widening(whose, x) > SMILE_WIDENING
        for whose, x in ((reference.avatar, wanted["face"]), (avatar, face))
    ]
    return {**values, "lip_f1": frame_f1(*lips), "smile_f1": frame_f1(*smiles)}


def _distances(files: Sequence[Rendered], reference: Mapping[str, Rendered]) -> Values:
    """Frechet distances of all motion to the reference's."""
    pairs = [(r.codes, reference[r.name].codes) for r in files if r.name in reference]
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    if not known or known[0][0]["face"].shape[1] != known[0][1]["face"].shape[1]:
        return {}
    here, there = (list(side) for side in zip(*known, strict=True))
    faces = [np.concatenate([codes["face"] for codes in side]) for side in (there, here)]
    heads = [np.concatenate([head_position(codes["head"]) for codes in side]) for side in (there, here)]
    values = {"frechet_face": frechet_distance(*faces), "frechet_head": frechet_distance(*heads)}
    moving = [(r.body, reference[r.name].body) for r in files if r.name in reference]
    bodies = [(there.code, here.code) for here, there in moving if here is not None and there is not None]
    if bodies:
        first, second = (np.concatenate(side) for side in zip(*bodies, strict=True))
        values["frechet_body"] = frechet_distance(first, second)
    return values
