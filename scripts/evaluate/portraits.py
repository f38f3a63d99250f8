"""Actors from photographs of people who do not exist: how near they come to what is true.

People from words and chance are drawn by the run-time's renderer, and become actors again from one picture
and, as far as the shape goes, from three. The recogniser (dlib's ResNet; below .6 it means the same
person) is for evaluation only: pip install dlib-bin face-recognition-models.

    python -m scripts.evaluate.portraits --people 12
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.head import Head
from avgen.casting.making import DOMAIN, domain, donors, hair_styles, make_avatar, nearest
from avgen.casting.person import read_person
from avgen.casting.portrait.fit import fit_faces
from avgen.casting.portrait.landmarks import find_face
from avgen.casting.portrait.likeness import Photo, make_likeness
from avgen.casting.portrait.matte import person_matte
from avgen.casting.portrait.space import linear_face, load_faces, skin_of
from avgen.casting.portrait.verdict import landmark_error
from avgen.casting.portrait.warp import warped_head
from avgen.casting.shapes import load_shapes
from avgen.casting.sheet import draw_sheet
from avgen.casting.words import Words
from scripts.cast.photographs import Pose, take

logger = logging.getLogger(__name__)
Array = NDArray[np.float64]

PICTURE = 640
YAWS = (0.0, -28.0, 28.0)
FRAMES = ("rest", "ah", "smile", "blink", "-20", "+20")
FACE_REACH = 0.012
"""Metres from a landmark within which skin is the front of the face."""


def photograph(avatar: TexturedMesh, yaw: float, rng: np.random.Generator) -> Photo:
    """A portrait at rest, from a distance and with a slant of chance."""
    pose = Pose(yaw + rng.normal(0, 3), rng.normal(0, 4), rng.normal(0, 3), rng.uniform(0.8, 2), 0.5)
    weights = np.zeros((1, len(avatar.codec.units)), np.float32)
    image, _ = take(avatar, pose, weights, PICTURE, f"#{rng.integers(0x60, 0xC0) * 0x10101:06x}")
    return Photo(f"{yaw:+.0f}", image, find_face(image, f"{yaw:+.0f}"), person_matte(image))


def shape_error(found: Array, truth: Array, front: NDArray[np.bool_]) -> float:
    """Root mean square distance in mm of the face's front, after the best similarity (Umeyama 1991)."""
    a, b = found[front], truth[front]
    x, y = a - a.mean(0), b - b.mean(0)
    u, s, vt = np.linalg.svd(x.T @ y)
    signs = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    aligned = (s @ signs) / (x**2).sum() * x @ (u * signs) @ vt
    return 1e3 * float(np.sqrt(((aligned - y) ** 2).sum(1).mean()))


class Recogniser:
    """dlib's face descriptors."""

    def __init__(self) -> None:
        import dlib

        spec = importlib.util.find_spec("face_recognition_models")
        assert spec and spec.origin
        folder = Path(spec.origin).parent / "models"
        self.detect = dlib.get_frontal_face_detector()
        self.shape = dlib.shape_predictor(str(folder / "shape_predictor_5_face_landmarks.dat"))
        self.net = dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat"))

    def descriptor(self, image: NDArray[np.uint8]) -> Array | None:
        """Descriptor [128] of the only face."""
        for grown in (0, 1):
            if boxes := self.detect(np.ascontiguousarray(image), grown):
                marks = self.shape(image, boxes[0])
                return np.array(self.net.compute_face_descriptor(np.ascontiguousarray(image), marks))
        return None


def distances(recogniser: Recogniser, photo: Photo, sheet: NDArray[np.uint8]) -> list[float]:
    """Distance of a photograph to every frame of a sheet; NaN where no face is found."""
    truth, side = recogniser.descriptor(photo.image), sheet.shape[0]
    out = []
    for k in range(len(FRAMES)):
        frame = recogniser.descriptor(sheet[:, k * side : (k + 1) * side])
        if truth is None or frame is None:
            out.append(float("nan"))
        else:
            out.append(float(np.linalg.norm(truth - frame)))
    return out


def fitted_skin(photos: Sequence[Photo]) -> Array:
    """Skin [S, 3] of the head that photographs give."""
    space, faces = load_shapes(), load_faces()
    seen = [photo.face for photo in photos]
    fit = fit_faces(faces, linear_face(faces, space), seen)
    head: Head = warped_head(faces, faces.head(space, fit.shape), fit, seen)
    return skin_of(head, head.rest)


def measure(seed: int, recogniser: Recogniser | None) -> dict[str, Any]:
    """Everything about one person."""
    rng, space, known = np.random.default_rng(1000 + seed), load_shapes(), donors()
    person = Words().person(hair_styles(known), space.targets.names, seed)
    tensors, names = make_avatar(person, *nearest(person, known))
    avatar = TexturedMesh.from_tensors(tensors, tuple(names["units"].split()), tuple(names["parts"].split()))
    truth = skin_of(head := space.head(person.shape), head.rest)
    photos = [photograph(avatar, yaw, rng) for yaw in YAWS]
    marks = load_faces().at(truth)
    front = np.sqrt(((truth[:, None] - marks[None]) ** 2).sum(-1).min(1)) < FACE_REACH
    mira = find_actor(DOMAIN)
    base, names = read_tensors(mira.components["avatar"].file)
    camera, started = mira.view().camera(512, 512), time.process_time()
    made = make_likeness(photos[:1], base, names, read_person(mira.folder), domain(), camera, logger.info)
    seconds = time.process_time() - started
    skin = made.tensors["mesh.rest"][: len(truth)].astype(np.float64)
    sheet = draw_sheet(made.tensors, names, mira)
    return {
        "who": f"{seed}: {person.sex}, {person.age}",
        "landmarks": 100 * landmark_error(photos[0], made.landmarks[0]),
        "one": shape_error(skin, truth, front),
        "three": shape_error(fitted_skin(photos), truth, front),
        "identity": distances(recogniser, photos[0], sheet) if recogniser else [float("nan")] * len(FRAMES),
        "seconds": seconds,
        "sheet": np.concatenate([_square(photos[0].image, sheet.shape[0]), sheet], 1),
    }


def _square(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((side, side)))


def main() -> None:
    """Print a table, and draw all sheets into one picture."""
    from PIL import Image

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--picture", type=Path, help="PNG of all sheets")
    arguments = parser.parse_args()
    recogniser = Recogniser() if importlib.util.find_spec("dlib") else None
    print("| person | landmarks, % | shape 1, mm | shape 3, mm | " + " | ".join(FRAMES) + " | CPU s |")
    print("| --- " * (5 + len(FRAMES)) + "|")
    rows, sheets = [], []
    for seed in range(arguments.people):
        row = measure(seed, recogniser)
        sheets.append(row["sheet"])
        values = [row["landmarks"], row["one"], row["three"], *row["identity"], row["seconds"]]
        rows.append(values)
        print(f"| {row['who']} | " + " | ".join(f"{value:.2f}" for value in values) + " |", flush=True)
        if arguments.picture:
            Image.fromarray(np.concatenate(sheets)).save(arguments.picture)
    print("| mean | " + " | ".join(f"{value:.2f}" for value in np.nanmean(rows, 0)) + " |")
    print("| worst | " + " | ".join(f"{value:.2f}" for value in np.nanmax(rows, 0)) + " |")


if __name__ == "__main__":
    main()
