"""What a face tracker that was trained on people reads in actors: at rest, and in emotions at full weight.

    python -m scripts.evaluate.judge mira --out scripts/evaluate/JUDGE.md

Google's face landmarker (478 landmarks, 52 ARKit-named scores) looks at pictures of 512 x 512. At rest the
head takes nine poses; emotions are performed: held-out sentences, pictures spread over the middle of each. It
has biases of its own: compare several faces, and look at them.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

import avgen
from avgen.background import Background
from avgen.casting.portrait.models import LANDMARKS, quiet, read_model, vision
from avgen.performer import Performer
from avgen.pose import head_turned
from avgen.types import FloatArray
from scripts.evaluate.variations import speak

Array = NDArray[np.float64]
Scores = Mapping[str, Array]
"""Strength in [0, 1] of every ARKit expression, [T] over pictures."""

SIZE: Final = 512
REST: Final = "rest"
EMOTIONS: Final = ("neutral", "happy", "sad", "angry", "surprised")
TURN: Final = 2.5
"""Degrees of yaw and pitch between the nine poses at rest."""
MIDDLE: Final = (0.15, 0.85)
"""Share of a sentence that pictures are taken from."""
UNEVEN: Final = "left-right"
"""The largest difference of medians between the sides."""
AVERTED: Final = ("eyeLookIn", "eyeLookOut")
"""Scores that differ between the sides in a gaze straight ahead, where each eye turns in a little."""


class Bound(NamedTuple):
    """What a score has to be."""

    face: str
    """REST or an emotion."""
    score: str
    """Name without a side, or UNEVEN."""
    least: float = 0.0
    most: float = 1.0

    def __str__(self) -> str:
        limit = f">= {self.least:g}" if self.least else f"<= {self.most:g}"
        return f"{self.face}: {self.score} {limit}"


BOUNDS: Final = (
    Bound(REST, "browInnerUp", most=0.2),
    Bound(REST, "browOuterUp", most=0.25),
    Bound(REST, "eyeLookDown", most=0.2),
    Bound(REST, UNEVEN, most=0.08),
    Bound("happy", "mouthSmile", least=0.6),
    Bound("happy", "eyeSquint", least=0.4),
    Bound("sad", "browInnerUp", least=0.5),
    Bound("sad", "mouthFrown", least=0.25),
    Bound("angry", "browDown", least=0.4),
    Bound("surprised", "browInnerUp", least=0.6),
    Bound("surprised", "eyeWide", least=0.3),
)


class Judge:
    """Google's face landmarker."""

    def __init__(self) -> None:
        with quiet():
            from mediapipe.tasks.python import BaseOptions

            tasks = vision()
            options = tasks.FaceLandmarkerOptions(
                base_options=BaseOptions(model_asset_buffer=read_model(LANDMARKS)),
                output_face_blendshapes=True,
            )
            self.landmarker = tasks.FaceLandmarker.create_from_options(options)

    def scores(self, pictures: NDArray[np.uint8]) -> Scores:
        """Scores of pictures [T, H, W, 3] in which a face is found."""
        rows = [row for picture in pictures for row in self._faces(picture)]
        return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else ())}

    def _faces(self, picture: NDArray[np.uint8]) -> Iterator[dict[str, float]]:
        from mediapipe import Image, ImageFormat

        image = Image(ImageFormat.SRGB, np.ascontiguousarray(picture))
        for face in self.landmarker.detect(image).face_blendshapes:
            yield {one.category_name: float(one.score) for one in face}


def sides(score: str, scores: Scores) -> list[Array]:
    """A score [T] by its name, or by its name without a side: left and right."""
    return [scores[score]] if score in scores else [scores[score + side] for side in ("Left", "Right")]


def reading(score: str, scores: Scores) -> float:
    """Median over pictures of a score, mean of its sides; or how uneven the sides are."""
    if score == UNEVEN:
        paired = {name.removesuffix("Left") for name in scores if name.endswith("Left")} - {*AVERTED}
        left, right = (
            np.array([np.median(scores[name + side]) for name in paired]) for side in ("Left", "Right")
        )
        return float(np.abs(left - right).max())
    return float(np.median(np.mean(sides(score, scores), 0)))


def nine_poses() -> FloatArray:
    """Head tracks [9, 7]: straight ahead, and TURN degrees to every side."""
    yaw, pitch = np.meshgrid(*([-TURN, 0.0, TURN],) * 2)
    return head_turned(yaw.ravel(), pitch.ravel())


def faces(
    performer: Performer, sentences: Sequence[str], pictures: int
) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Names of faces, and pictures [T, H, W, 3] of each.

    Args:
        performer: an actor whose face units have names.
        sentences: what is said in every emotion.
        pictures: of each sentence.
    """
    avatar: Any = performer.models["avatar"]
    renderer = avatar.renderer("cpu", performer.actor.view(), (SIZE, SIZE), Background())
    poses = nine_poses()
    yield (
        REST,
        renderer.render_posed(avatar.pose_weights(np.zeros((9, len(avatar.deltas)), np.float32), poses)),
    )
    for emotion in EMOTIONS:
        drawn = []
        for number, text in enumerate(sentences):
            codes = speak(performer, number, text, seed=0, emotion=emotion).codes
            times = np.linspace(*MIDDLE, pictures) * codes.duration
            drawn.append(renderer.render(codes.at(times, avatar.tracks)))
        yield emotion, np.concatenate(drawn)


def judge_actor(judge: Judge, name: str, sentences: Sequence[str], pictures: int) -> dict[str, Scores]:
    """Scores of an actor's faces, by name; see `faces`."""
    return {face: judge.scores(drawn) for face, drawn in faces(avgen.load_actor(name), sentences, pictures)}


def table(found: Mapping[str, Mapping[str, Scores]]) -> list[str]:
    """Markdown: a line for every bound, a column for every actor; what is outside is marked."""
    lines = ["| bound | " + " | ".join(found) + " |", "| --- |" + " --- |" * len(found)]
    for bound in BOUNDS:
        values = [reading(bound.score, scores[bound.face]) for scores in found.values()]
        cells = [f"{v:.2f}" if bound.least <= v <= bound.most else f"**{v:.2f}**" for v in values]
        lines.append(f"| {bound} | " + " | ".join(cells) + " |")
    return lines


def profile(scores: Mapping[str, Scores]) -> list[str]:
    """Markdown: all that is read in an actor's faces, where any is above a tenth."""
    lines = ["| score | " + " | ".join(scores) + " |", "| --- |" + " --- |" * len(scores)]
    for name in scores[REST]:
        values = [float(np.median(one[name])) for one in scores.values()]
        if name != "_neutral" and max(values) > 0.1:
            lines.append(f"| {name} | " + " | ".join(f"{v:.2f}" for v in values) + " |")
    return lines


def main() -> None:
    """Judge actors, print and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("actors", nargs="+", help="names or folders")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--limit", type=int, default=6, help="first sentences only")
    parser.add_argument("--pictures", type=int, default=16, help="of each sentence")
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()[: args.limit]
    judge = Judge()
    found = {Path(name).name: judge_actor(judge, name, sentences, args.pictures) for name in args.actors}
    lines = [
        "# What a face tracker reads in the actors",
        "",
        f"Google's face landmarker on pictures of {SIZE} x {SIZE}: medians of the mean of both sides, over",
        f"nine poses at rest and over {args.pictures} pictures of each of {len(sentences)} held-out",
        "sentences in every emotion at full weight. What is outside its bound is bold. Made by",
        f"`python -m scripts.evaluate.judge`, MediaPipe {version('mediapipe')}, {platform.machine()}.",
        "",
        *table(found),
    ]
    for name, scores in found.items():
        lines += ["", f"All that is read in {name} above a tenth, medians:", "", *profile(scores)]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
