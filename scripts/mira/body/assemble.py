"""Geometry of a body as the named tensors of its file; the light is fitted later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avgen.actors.actor import actor_folders, read_actor
from avgen.avatars.mesh.body import NUM_FEATURES, NUM_INFLUENCES
from avgen.avatars.mesh.storage import read_tensors
from avgen.casting.body_colours import PARTS, SKIN
from avgen.casting.making import DOMAIN
from avgen.casting.person import Person
from scripts.mira.body.figure import Figure
from scripts.mira.body.openness import hand_openness
from scripts.mira.body.pieces import Array
from scripts.mira.body.wardrobe import NECKLINE_RISE, Layer, joined, neckline
from scripts.mira.geometry import METRES
from scripts.mira.look.landmarks import above_neckline

Tensors = dict[str, NDArray[Any]]
TUCKED = 0.05
"""Decimetres that the bust's skin goes on below the neckline."""
BARE = 0.03
"""Decimetres above a V-neck's edge from which the bust's shirt shows skin, if it has the colour of skin."""
WELL_BELOW = 0.4
"""Decimetres below that edge from which it is cloth for sure."""


def body_tensors(figure: Figure, layers: Sequence[Layer], kept: NDArray[np.bool_]) -> Tensors:
    """Tensors of a body without light.

    Args:
        figure: who.
        layers: what is drawn.
        kept: [B] triangles of the avatar that are drawn with it.
    """
    whole = joined([layer.piece for layer in layers])
    material = np.concatenate(
        [np.full(len(layer.piece.values), PARTS.index(layer.part), np.uint8) for layer in layers]
    )
    start = np.flatnonzero(material == PARTS.index(SKIN))[0]
    hands, openness = hand_openness(next(layer.piece for layer in layers if layer.part == SKIN))
    bones = np.argsort(-whole.weights, 1)[:, :NUM_INFLUENCES]
    weights = np.take_along_axis(whole.weights, bones, 1)
    return {
        "body.points": (whole.points * METRES).astype(np.float32),
        "body.faces": whole.faces.astype(np.int32),
        "body.material": material,
        "body.bones": bones.astype(np.uint8),
        "body.weights": np.round(255 * weights / weights.sum(1, keepdims=True)).astype(np.uint8),
        "body.tint": np.ones((len(whole.values), 3), np.float16),
        "body.gains": np.zeros((len(PARTS), NUM_FEATURES, 3), np.float32),
        "hand.vertices": (start + hands).astype(np.int32),
        "hand.openness": openness.astype(np.float16),
        "bust.kept": kept.astype(np.uint8),
        **figure.skeleton.tensors(),
    }


def like_skin(tensors: Tensors, skin: NDArray[np.bool_], cloth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Triangles [B] of an avatar that all over have the colour of some that are skin, not that of cloth."""
    corners = tensors["mesh.uv"].astype(np.float64)
    middle = corners.mean(1, keepdims=True)
    column, row = np.moveaxis(np.concatenate([corners, middle], 1).astype(int), 2, 0)
    height, width = tensors["texture.base"].shape[:2]
    colour = tensors["texture.base"][np.minimum(row, height - 1), np.minimum(column, width - 1)].astype(float)
    apart = [np.abs(colour - np.median(colour[kind, 3], 0)).sum(2) for kind in (skin, cloth)]
    near: NDArray[np.bool_] = (apart[0] < apart[1]).all(1)
    return near


def kept_bust(person: Person, tensors: Tensors, parts: Sequence[str]) -> NDArray[np.bool_]:
    """Triangles [B] of a person's avatar that the clothes of the body do not replace.

    Args:
        person: who.
        tensors: of the avatar.
        parts: names of its parts.
    """
    mira, _ = read_tensors(read_actor(actor_folders()[DOMAIN]).components["avatar"].file)
    middle: Array = mira["mesh.rest"][tensors["mesh.faces"]].mean(1) / METRES
    name = np.array(parts)[tensors["mesh.part"]]
    places = middle.astype(np.float64)
    above = neckline(person.wear.cut)(places) - NECKLINE_RISE
    cloth = np.isin(name, ["shirt", "collar", "nape"])
    bare = (name == "shirt") & (above > BARE) & (above_neckline(places) < 0)
    bare &= like_skin(tensors, name == "neck", (name == "shirt") & (above < -WELL_BELOW))
    return (~cloth | bare) & ((name != "neck") | (above > -TUCKED))
