"""What a person wears below the neck, cut of the mesh's own `helper-tights`, which follow every shape.

They lie 6 to 14 mm off the skin and have weights for the bones: nothing has to be fitted or simulated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avgen.body.channels import SIDES
from avgen.body.skeleton import PLACE
from avgen.casting.body_colours import SHIRT, SHOES, SKIN, TOP, TROUSERS
from avgen.casting.person import Person
from scripts.mira.body.figure import Figure
from scripts.mira.body.folds import folded_top, folded_trousers
from scripts.mira.body.pieces import WEIGHTS, Array, Piece
from scripts.mira.look.clothes import Height, above_jacket, above_lapels, above_v_neck
from scripts.mira.look.landmarks import above_neckline

HIP = 0.5
"""Decimetres above the root at which a top ends."""
NECKLINE_RISE = 0.04
"""Decimetres by which a body's neckline is higher than the portrait's: that hides where the bust ends."""
SHALLOW = 0.55
"""Share of the depth of a portrait's V-neck."""
HUG, HUG_REACH = 0.025, 0.3
"""Decimetres by which cloth comes closer to the skin at the neckline, and over which it does so."""
TUCKED, THROAT_RISE, THROAT_HALF_WIDTH, THROAT_LOW, THROAT_DEPTH = 0.30, 0.12, 0.95, 3.6, 0.04
"""Decimetres of the skin behind a neckline: how far it goes on below that, and above where shirts end; how
far to the sides; down to which height; by how much it lies deeper than the bust's."""
NEAR_NECKLINE = 0.9
"""Decimetres below the neckline within which cloth no longer follows the shoulders."""
SLEEVES = {"v-neck": 0.38}
"""Share of the forearm that sleeves cover, of cuts that do not reach the wrist."""
LONG_SLEEVE, JACKET_SLEEVE = 0.955, 0.925
JACKET_LENGTH = 0.9
"""Decimetres by which a jacket is longer than another top."""
RINGS = (-0.01, 0.0, 0.012, 0.028, 0.05, 0.08)
"""Shares of the forearm from where a sleeve ends to rings of vertices on the skin."""
COVERED = 0.25
"""Decimetres that an inner shirt goes on below the edge of a jacket."""
EASE, EASE_REACH, EASE_OUT = 0.16, 0.75, (0.45, 0.30)
"""Decimetres by which cloth lies flatter on the shoulder than on the mesh, whose arms are half raised; over
which, and around which place, outwards of and above the joint."""
SPANNED = 12
"""Rounds in which cloth is drawn over the hollows of a body."""
LEG_RADIUS = {"woman": 0.66, "man": 0.74}
"""Decimetres of a trouser leg from the knee down."""
THIGH, SHANK = ("upperleg01", "lowerleg01"), ("lowerleg01", "foot")
LEG_END, SHOE_TOP = 1.0, 0.90
"""Shares of the lower leg at which a trouser leg ends, and a shoe begins."""
SOLE = 0.02
"""Decimetres of it below the foot."""


@dataclass(frozen=True)
class Layer:
    """A piece and which part of the body it is.

    Attributes:
        part: one of PARTS.
        piece: of it.
    """

    part: str
    piece: Piece


def dressed(figure: Figure, person: Person, fine: bool = False) -> list[Layer]:
    """Everything of a body that is drawn below the neckline.

    Args:
        figure: who.
        person: what is worn.
        fine: hands with four times the polygons, as path-traced pictures show them.
    """
    cut = person.wear.cut
    sleeve = SLEEVES.get(cut, LONG_SLEEVE)
    cloth = eased(figure, figure.piece("helper-tights").softened(3).spanned(SPANNED)).subdivided()
    behind, collared = throat(figure, cut), cut == "roll-neck"
    skin = hands(figure, sleeve) if collared else joined([hands(figure, sleeve), behind])
    layers = [
        Layer(SKIN, skin.subdivided() if fine else ringed(figure, skin.on_surface(), sleeve)),
        Layer(TROUSERS, trousers(figure, cloth, LEG_RADIUS[person.sex])),
        Layer(SHOES, shoes(figure, cloth)),
    ]
    if cut != "jacket":
        over = top(figure, cloth, cut, sleeve).hemmed(0.07, 0.02)
        return [Layer(TOP, joined([over, behind]) if collared else over), *layers]
    return [*layers, Layer(TOP, jacket(figure, cloth)), Layer(SHIRT, inner_shirt(figure, cloth))]


def eased(figure: Figure, cloth: Piece) -> Piece:
    """Cloth that lies flatter on the shoulders: arms mostly hang lower than the mesh has them."""
    share = np.zeros(len(cloth.points))
    for side, sign in zip(SIDES, (1, -1), strict=True):
        out, up = EASE_OUT
        place = figure.head(f"upperarm01.{side}") + np.array([sign * out, up, 0])
        share += np.exp(-(((cloth.points - place) / EASE_REACH) ** 2).sum(1))
    return cloth.pushed(-EASE * share)


def neckline(cut: str) -> Height:
    """Height above a cut's edge at the neck; a roll-neck's collar is the bust's, and V-necks are less deep.

    What the bust shows inside its own V is cloth in its lower part.
    """
    if cut == "v-neck":
        return lambda places: (1 - SHALLOW) * above_neckline(places) + SHALLOW * above_v_neck(places)
    return above_neckline


def top(figure: Figure, cloth: Piece, cut: str, sleeve: float) -> Piece:
    """A sweater or a shirt."""
    hem, above_edge = figure.head("root")[1] + HIP, neckline(cut)
    near = np.clip(1 + above_edge(cloth.on_mira) / HUG_REACH, 0, 1)
    cloth = cloth.pushed(0.03 + _flare(figure, cloth, hem) - HUG * near)
    cloth = folded_top(figure, cloth).cut(lambda piece: hem - piece.points[:, 1])
    cloth = cloth.cut(lambda piece: above_edge(piece.on_mira) - NECKLINE_RISE)
    cloth = cloth.cut(lambda piece: figure.along(piece, "lowerarm01", "wrist") - sleeve)
    return held_by_neck(cloth, above_edge(cloth.on_mira))


def jacket(figure: Figure, cloth: Piece) -> Piece:
    """An open jacket with lapels."""
    hem = figure.head("root")[1] + HIP - JACKET_LENGTH
    layers = []
    for edge, distance in ((above_jacket, 0.09), (above_lapels, 0.13)):
        layer = cloth.pushed(distance + _flare(figure, cloth, hem))
        layer = folded_top(figure, layer).cut(lambda piece: hem - piece.points[:, 1])
        layer = layer.cut(lambda piece, edge=edge: edge(piece.on_mira))  # type: ignore[misc]
        layer = layer.cut(lambda piece: figure.along(piece, "lowerarm01", "wrist") - JACKET_SLEEVE)
        layers.append(held_by_neck(layer, above_neckline(layer.on_mira)).hemmed(0.05, 0.01))
    return joined(layers)


def inner_shirt(figure: Figure, cloth: Piece) -> Piece:
    """What shows of a shirt under a jacket: between the lapels, and at the cuffs."""
    shirt = top(figure, cloth, "crew", LONG_SLEEVE)
    front = shirt.cut(lambda piece: -COVERED - above_jacket(piece.on_mira))
    cuffs = shirt.cut(lambda piece: JACKET_SLEEVE - 0.05 - figure.along(piece, "lowerarm01", "wrist"))
    return joined([front.hemmed(0.05, 0.01), cuffs.hemmed(0.05, 0.01)])


def held_by_neck(cloth: Piece, above: Array) -> Piece:
    """Cloth that stays with the chest where it meets the bust, which does so."""
    values = cloth.values.copy()
    weights = values[:, WEIGHTS]
    held = np.clip(1 + above / NEAR_NECKLINE, 0, 1)
    chest = PLACE["spine01"]
    shoulders = (f"{bone}.{side}" for bone in ("clavicle", "upperarm01", "upperarm02") for side in SIDES)
    for bone, share in (("neck01", 1.0), ("head", 1.0), *((bone, held) for bone in shoulders)):
        moved = share * weights[:, PLACE[bone]]
        weights[:, PLACE[bone]] -= moved
        weights[:, chest] += moved
    return Piece(cloth.polygons, values)


def _flare(figure: Figure, cloth: Piece, hem: float) -> Array:
    """Decimetres [V] by which a top stands off more towards its hem."""
    low = np.clip((hem + 2.2 - cloth.points[:, 1]) / 2.2, 0, 1)
    return 0.10 * low * (figure.along(cloth, "upperarm01", "lowerarm01") < 0)


def trousers(figure: Figure, cloth: Piece, radius: float) -> Piece:
    """Trousers with straight legs; they begin under the top."""
    waist = figure.head("root")[1] + HIP + 0.5
    cloth = cloth.cut(lambda piece: piece.points[:, 1] - waist)
    cloth = cloth.cut(lambda piece: figure.along(piece, "lowerleg01", "foot") - LEG_END)
    return folded_trousers(figure, straightened(figure, cloth, radius)).hemmed(0.06)


def straightened(figure: Figure, cloth: Piece, radius: float) -> Piece:
    """Cloth of the legs, from the middle of the thigh at least so many decimetres from the bones."""
    points = cloth.points.copy()
    thigh, shank = (figure.along(cloth, *ends) for ends in (THIGH, SHANK))
    for ends, mine, wanted in (
        (THIGH, (thigh > 0.3) & (shank <= 0), np.clip((thigh - 0.3) / 0.6, 0, 1)),
        (SHANK, shank > 0, np.ones(len(points))),
    ):
        for side, sign in zip(SIDES, (1, -1), strict=True):
            a, b = (figure.head(f"{bone}.{side}") for bone in ends)
            axis = (b - a) / np.linalg.norm(b - a)
            across = (cloth.points - a) - np.outer((cloth.points - a) @ axis, axis)
            distance = np.maximum(np.linalg.norm(across, axis=1), 1e-6)
            grown = np.maximum(radius * wanted / distance, 1)
            points += np.where((mine & (points[:, 0] * sign > 0))[:, None], across * (grown - 1)[:, None], 0)
    near = np.clip(1.5 - np.abs(points[:, 1] - figure.head("lowerleg01.L")[1]), 0, 1)[:, None]
    return cloth.moved(points + near * (cloth.averaged(points, 12) - points))


def shoes(figure: Figure, cloth: Piece) -> Piece:
    """Plain shoes with flat soles."""
    shoe = cloth.cut(lambda piece: SHOE_TOP - figure.along(piece, "lowerleg01", "foot"))
    floor = shoe.points[:, 1].min()
    shoe = shoe.spanned(30).pushed(0.05)
    points = shoe.points.copy()
    points[:, 1] = np.maximum(points[:, 1], floor - SOLE)
    return shoe.moved(points)


def hands(figure: Figure, sleeve: float) -> Piece:
    """Skin from a little inside the sleeves to the finger tips."""
    start = min(sleeve - 0.16, 0.78)

    def keep(piece: Piece) -> Array:
        return (figure.along(piece, "lowerarm01", "wrist") > start).astype(np.float64)

    return figure.piece("body", keep)


def ringed(figure: Figure, skin: Piece, sleeve: float) -> Piece:
    """Skin with rings of vertices where sleeves end, in whose shade it soon grows dark."""
    for ring in RINGS:
        end = sleeve + ring
        skin = skin.split(lambda piece, end=end: figure.along(piece, "lowerarm01", "wrist") - end)  # type: ignore[misc]
    return skin


def throat(figure: Figure, cut: str) -> Piece:
    """What is behind the edge of a neckline, where the bust ends; it goes with the chest.

    Skin, or of a roll-neck its cloth.
    """
    edge = neckline(cut)

    def keep(piece: Piece) -> Array:
        above, inside = edge(piece.on_mira), above_neckline(piece.on_mira)
        near = (above > -TUCKED) & (inside < THROAT_RISE) & (np.abs(piece.on_mira[:, 0]) < THROAT_HALF_WIDTH)
        return (near & (piece.on_mira[:, 1] > THROAT_LOW)).astype(np.float64)

    piece = figure.piece("body", keep).pushed(-THROAT_DEPTH)
    values = piece.values.copy()
    values[:, WEIGHTS] = 0
    values[:, WEIGHTS.start + PLACE["spine01"]] = 1
    return Piece(piece.polygons, values)


def joined(pieces: list[Piece]) -> Piece:
    """Pieces as one."""
    starts = np.cumsum([0, *(len(piece.values) for piece in pieces)])
    polygons = [
        tuple(v + int(start) for v in polygon)
        for piece, start in zip(pieces, starts, strict=False)
        for polygon in piece.polygons
    ]
    return Piece(polygons, np.concatenate([piece.values for piece in pieces]))
