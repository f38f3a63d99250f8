"""The cast against path-traced pictures that nothing was fitted to, and how unlike each other they are.

    CAST_WORK=... python -m scripts.bench.bm_cast --sheet scripts/bench/cast.jpg

Prints Markdown. The held-out pictures are `$CAST_WORK/NAME/captures/test_*` of scripts.cast.shoot. `without
captures` is the same person as `avgen actors make` makes people, from Mira's avatar. Faces are told apart by
dlib's recogniser (PyPI `dlib-bin`, and the models of `face-recognition-models` in the folder DLIB_MODELS),
for which two pictures nearer than .6 are of one person; without it there is no second table. The sheet shows
everybody at rest, as drawn.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avgen.actors.actor import actor_folders, read_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.cpu import NumbaRenderer
from avgen.avatars.mesh.storage import read_tensors
from avgen.background import Background
from avgen.casting.making import DOMAIN, make_avatar
from scripts.bench.bm_likeness import compare
from scripts.cast.fit import mira
from scripts.cast.people import cast
from scripts.mira.fit_avatar import make_avatar as of_tensors
from scripts.mira.pictures import head_pose, load_pictures
from scripts.mira.pose import HeadPose

Frame = NDArray[np.uint8]
REGIONS = ("actor", "face", "mouth", "eyes", "hair")
SIDE, PORTRAIT = 512, 320


def likeness(avatar: TexturedMesh, captures: Path) -> tuple[list[str], int]:
    """Mean SSIM / PSNR of the regions over the held-out pictures, and the number of these."""
    pictures = load_pictures(captures, "full", avatar)
    scores = [compare(avatar, picture)[0] for picture in pictures]
    means = {name: np.mean([score[name] for score in scores], 0) for name in REGIONS}
    return [f"{means[name][0]:.3f} / {means[name][1]:.1f}" for name in REGIONS], len(pictures)


def at_rest(avatar: TexturedMesh) -> Frame:
    """Portrait of an avatar that does nothing."""
    camera = mira().actor.view().camera(SIDE, SIDE)
    renderer = NumbaRenderer(avatar, camera, (SIDE, SIDE), Background())
    weights = np.zeros((1, len(avatar.deltas)), np.float32)
    drawn = renderer.render_posed(avatar.pose_weights(weights, head_pose(HeadPose())))[0]
    return np.clip(drawn, 0, 255).astype(np.uint8)


def recogniser(models: Path) -> Callable[[Frame], NDArray[np.float64]]:
    """What dlib describes a face by [128] (King 2017)."""
    import dlib

    detect = dlib.get_frontal_face_detector()
    landmarks = dlib.shape_predictor(str(models / "shape_predictor_68_face_landmarks.dat"))
    network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def describe(frame: Frame) -> NDArray[np.float64]:
        face = landmarks(frame, detect(frame, 1)[0])
        return np.array(network.compute_face_descriptor(frame, face, 5))

    return describe


def distances(portraits: Mapping[str, Frame], models: Path) -> list[str]:
    """Markdown table of the distances between all faces."""
    describe = recogniser(models)
    faces = {name: describe(frame) for name, frame in portraits.items()}
    rows = ["| | " + " | ".join(faces) + " |", "| --- " * (len(faces) + 1) + "|"]
    for name, face in faces.items():
        apart = [
            f"{np.linalg.norm(face - other):.2f}" if other is not face else "" for other in faces.values()
        ]
        rows.append(f"| {name} | " + " | ".join(apart) + " |")
    return rows


def main() -> None:
    """Measure, print, and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sheet", type=Path, help="write portraits of everybody to this picture")
    options = parser.parse_args()
    start, portraits = mira(), {}
    print(
        "| | held-out pictures | " + " | ".join(REGIONS) + " |\n| --- " + "| --- " * (len(REGIONS) + 1) + "|"
    )
    for name in (DOMAIN, *cast()):
        tensors, _ = read_tensors(read_actor(actor_folders()[name]).components["avatar"].file)
        avatar = of_tensors(tensors)
        portraits[name] = at_rest(avatar)
        if name != DOMAIN:
            captures = Path(os.environ["CAST_WORK"]) / name / "captures"
            bare = of_tensors(make_avatar(cast()[name].person, start, start)[0])
            for title, one in ((name, avatar), (f"{name}, without captures", bare)):
                cells, count = likeness(one, captures)
                print(f"| {title} | {count} | " + " | ".join(cells) + " |", flush=True)
    if "DLIB_MODELS" in os.environ:
        print("\n" + "\n".join(distances(portraits, Path(os.environ["DLIB_MODELS"]))))
    if options.sheet:
        size = (PORTRAIT, PORTRAIT)
        shown = [np.asarray(Image.fromarray(frame).resize(size)) for frame in portraits.values()]
        Image.fromarray(np.concatenate(shown, 1)).save(options.sheet, quality=88)


if __name__ == "__main__":
    main()
