"""How the cast's faces rest and move, so that a face tracker reads in them what they mean: for people.yaml.

    python -m scripts.cast.fit_face ken amara

What everybody's units look like depends on the face that makes them: low brows read as lowered, large eyes as
surprised. A person's own resting face and strengths of units, from those in people.yaml, are fitted to the
bounds of scripts/evaluate/judge.py with a margin (Gauss-Newton with finite differences), a few weights each,
on other sentences than the judge's. Look at the faces: more strength than a bound needs looks put on, so that
those in people.yaml are what was fitted, changed by hand; eyeBlink is as strong as closing wide eyes needs.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

import avgen
from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.background import Background
from avgen.casting.making import DOMAIN
from avgen.casting.shapes import load_shapes
from avgen.types import FloatArray
from scripts.cast.face import SIDES, Face, with_face
from scripts.cast.people import Member, cast
from scripts.evaluate.judge import (
    AVERTED,
    BOUNDS,
    MIDDLE,
    REST,
    SIZE,
    UNEVEN,
    Judge,
    Scores,
    nine_poses,
    reading,
)
from scripts.evaluate.variations import speak

logger = logging.getLogger(__name__)
Array = NDArray[np.float64]
Pictures = tuple[FloatArray, FloatArray]
"""Face codes [T, C] and head poses [T, 7]."""

RESTING = (
    *("browInnerUp", "browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight"),
    *("eyeSquintLeft", "eyeSquintRight", "eyeBlink", "eyeLookUp", "eyeLookDown"),
    *("mouthPressLeft", "mouthPressRight", "mouthSmileLeft", "mouthSmileRight"),
)
"""Units whose weight at rest is fitted; upper lids and gaze are the same on both sides.

The light comes from one side, so that the tracker reads even eyes as uneven; lids of different heights would
look so to everybody else.
"""
CALM = {"browDown": 0.1, "eyeSquint": 0.25, "mouthSmile": 0.15}
"""What else is hardly read at rest."""
STRENGTHS = (
    (("happy",), ("mouthSmile", "cheekSquint"), ("cheekSquint",)),
    (("sad", "surprised"), ("browInnerUp", "mouthFrown", "eyeWide"), ("mouthFrown", "eyeWide")),
    (("angry",), ("browDown",), ()),
)
"""Emotions, and what is fitted to them: gains, and `also`, as in `Face`."""
MARGIN = 0.08
"""By which readings lie within the judge's bounds."""
RIDGE, STEP, LARGEST, ROUNDS = 0.12, 0.1, 0.3, 3
"""What a weight of 1 counts in readings; difference for a derivative, and most of a change in a round."""
RESTING_RANGE, GAINS_RANGE, ALSO_RANGE = (-0.6, 0.6), (0.8, 3.4), (-0.7, 0.7)
SENTENCES, PICTURES = slice(60, 64), 4
"""Of tests/data/eval_sentences.txt, which the judge does not use."""


class Sitting:
    """A member of the cast before the judge.

    Args:
        member: who.
        judge: reads the pictures.
    """

    def __init__(self, member: Member, judge: Judge) -> None:
        self.actor, self.judge, self.member = find_actor(member.name), judge, member
        self.tensors, names = read_tensors(self.actor.components["avatar"].file)
        self.names = tuple(names["units"].split()), tuple(names["parts"].split())

    def scores(self, face: Face, pictures: Pictures) -> Scores:
        """What is read in pictures of a face."""
        head = face.of(load_shapes()).head(self.member.person.shape)
        avatar = TexturedMesh.from_tensors(with_face(self.tensors, head), *self.names)
        renderer: Any = avatar.renderer("cpu", self.actor.view(), (SIZE, SIZE), Background())
        return self.judge.scores(renderer.render_posed(avatar.pose(*pictures)))


def performances() -> dict[str, Pictures]:
    """Pictures of Mira's performances by emotion, and at rest."""
    performer, lines = avgen.load_actor(DOMAIN), Path("tests/data/eval_sentences.txt").read_text("utf-8")
    avatar: Any = performer.models["avatar"]
    poses = nine_poses()
    out = {REST: (avatar.codec.encode(np.zeros((len(poses), len(avatar.deltas)), np.float32)), poses)}
    for emotion in (emotion for emotions, *_ in STRENGTHS for emotion in emotions):
        drawn = []
        for number, text in enumerate(lines.splitlines()[SENTENCES]):
            codes = speak(performer, number, text, seed=0, emotion=emotion).codes
            drawn.append(codes.at(np.linspace(*MIDDLE, PICTURES) * codes.duration, avatar.tracks))
        face, head = (np.concatenate([one[name] for one in drawn]) for name in avatar.tracks)
        out[emotion] = face, head
    return out


def missed(face: str, scores: Scores) -> Array:
    """By how much a face's readings lie outside their bounds, less a margin; 0 within."""
    out = []
    for bound in BOUNDS:
        if bound.face != face or bound.score == UNEVEN:
            continue
        value = reading(bound.score, scores)
        below, above = bound.least + MARGIN - value, value - bound.most + MARGIN
        out.append(max(below if bound.least else above, 0.0))
    if face == REST:
        out += [max(reading(score, scores) - most, 0.0) for score, most in CALM.items()]
        out.append(max(MARGIN - reading("browInnerUp", scores), 0.0))
        uneven = max(bound.most for bound in BOUNDS if bound.score == UNEVEN) - MARGIN / 2
        for name in sorted(name.removesuffix("Left") for name in scores if name.endswith("Left")):
            if name not in AVERTED:
                away = float(np.median(scores[name + "Left"]) - np.median(scores[name + "Right"]))
                out.append(np.sign(away) * max(abs(away) - uneven, 0.0))
    return np.array(out)


def gauss_newton(
    misses: Callable[[Array], Array], start: Array, low: Array | float, high: Array | float
) -> Array:
    """Weights near a start whose misses [n] are least, within bounds; forward differences."""
    at, found = start, np.r_[misses(start), np.zeros(len(start))]
    for _ in range(ROUNDS):
        if not found.any():
            break
        rates = np.stack([(misses(at + STEP * one) - found[: -len(at)]) / STEP for one in np.eye(len(at))], 1)
        rates = np.concatenate([rates, RIDGE * np.eye(len(at))])
        change = -np.linalg.lstsq(rates, found, rcond=None)[0]
        for share in (1.0, 0.5, 0.25):
            tried = np.clip(at + share * np.clip(change, -LARGEST, LARGEST), low, high)
            result = np.r_[misses(tried), RIDGE * (tried - start)]
            if (result**2).sum() < (found**2).sum():
                at, found = tried, result
                break
        else:
            break
        logger.info("missed by %.3f", np.sqrt((found**2).sum()))
    return at


def fit_face(sitting: Sitting, shown: Mapping[str, Pictures]) -> Face:
    """A member's own face, near the one that people.yaml has: first at rest, then its strengths."""
    known = sitting.member.face

    def resting(weights: Array) -> Face:
        values = dict(zip(RESTING, weights.tolist(), strict=True))
        both = {name: values.pop(name) for name in ("eyeBlink", "eyeLookUp", "eyeLookDown")}
        return Face(values | {name + side: value for name, value in both.items() for side in SIDES})

    def at_rest(weights: Array) -> Array:
        return missed(REST, sitting.scores(resting(weights), shown[REST]))

    at = [_at_rest(known, name) for name in RESTING]
    face = resting(gauss_newton(at_rest, np.array(at), *RESTING_RANGE))
    for emotions, gains, also in STRENGTHS:

        def stronger(
            weights: Array, face: Face = face, gains: Sequence[str] = gains, also: Sequence[str] = also
        ) -> Face:
            more, other = weights[: len(gains)].tolist(), weights[len(gains) :].tolist()
            return replace(
                face,
                gains={**face.gains, **dict(zip(gains, more, strict=True))},
                also={**face.also, **dict(zip(also, other, strict=True))},
            )

        def in_emotions(
            weights: Array, made: Callable[[Array], Face] = stronger, emotions: Sequence[str] = emotions
        ) -> Array:
            return np.concatenate(
                [missed(one, sitting.scores(made(weights), shown[one])) for one in emotions]
            )

        start = [known.gains.get(name, 1.0) for name in gains] + [known.also.get(name, 0.0) for name in also]
        ranges = np.array([GAINS_RANGE] * len(gains) + [ALSO_RANGE] * len(also))
        face = stronger(gauss_newton(in_emotions, np.array(start), *ranges.T))
    return face


def _at_rest(face: Face, name: str) -> float:
    """Weight of a unit that a face has at rest; the mean of both sides of one named without a side."""
    sides = [name + side for side in SIDES if name + side in face.resting] or [name]
    return sum(face.resting.get(one, 0.0) for one in sides) / len(sides)


def rounded(face: Face) -> dict[str, dict[str, float]]:
    """The face as people.yaml has it."""
    plain = {name: getattr(face, name) for name in face.__slots__}
    return {
        kind: {
            name: round(value, 2) for name, value in values.items() if abs(value - (kind == "gains")) > 0.005
        }
        for kind, values in plain.items()
    }


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="of people; everybody without")
    logging.basicConfig(level=logging.INFO)
    judge, shown = Judge(), performances()
    for name in parser.parse_args().names or cast():
        face = fit_face(Sitting(cast()[name], judge), shown)
        print(yaml.safe_dump({name: {"face": rounded(face)}}, sort_keys=False), flush=True)


if __name__ == "__main__":
    main()
