"""How faces vary and where the landmarks of photographs lie on them: presets/people/portraits.safetensors.

Nothing is marked by hand: people at random are drawn, their landmarks found, and the surface under each is
what it stands for. What is left over is the noise that fits to photographs reckon with.

    python -m scripts.cast.correspond
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import Posed, TexturedMesh
from avgen.avatars.mesh.skinning import HeadTurn
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.avatars.raster.triangles import rasterise
from avgen.casting.head import ANCHORS, METRES, Head
from avgen.casting.making import DOMAIN, Donor, donors
from avgen.casting.person import read_person
from avgen.casting.portrait.landmarks import find_face
from avgen.casting.portrait.space import NUM_POSE, PORTRAITS_FILE, UNITS, pose_features, upright
from avgen.casting.shapes import ShapeSpace, load_shapes
from avgen.casting.transfer import transfer
from avgen.config import presets_folder
from avgen.errors import InputError
from scripts.cast.photographs import Pose, expression, take
from scripts.cast.population import person

logger = logging.getLogger(__name__)
Array = NDArray[np.float64]

PEOPLE, PORTRAITS = 185, 1500
"""Whose pictures are drawn, and of whose shapes the components are taken."""
FIRST_SEED = 50000
"""Of the first of them; every person has one."""
COMPONENTS = 90
YAWS = (4.0, 12.0, 20.0, 25.0)
"""Standard deviations in degrees of one picture each."""
FRONTAL = 20.0
NUM_LANDMARKS = 468
FACTORS, PECULIAR = 60, 40
"""Directions in which landmarks of a picture differ, and those of a person in all pictures."""
FOLDS = 6
LEAST_NOISE = 3e-4
"""Metres: what no drawing tells of photographs."""
RIDGE = 50.0
"""Pictures' worth of belief that the landmarker has no habits."""
SAMPLES = 4


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture's landmarks and what is true.

    Attributes:
        target: [L, 2] landmarks found, pixels.
        skin: [S, 3] where the skin was.
        pose: of the head.
        places: [L, 3] the surface under the landmarks, on Mira at rest; NaN beside the skin.
        person: weights [n] of the morph targets.
        units: [U] unit weights.
    """

    target: Array
    skin: Array
    pose: Pose
    places: Array
    person: Array
    units: Array


@dataclass(frozen=True, slots=True)
class Base:
    """An actor whose avatar other people are drawn with.

    Attributes:
        name: of the actor.
        tensors: of the avatar.
        names: of its units and parts.
        head: that it has.
    """

    name: str
    tensors: dict[str, NDArray[Any]]
    names: tuple[tuple[str, ...], tuple[str, ...]]
    head: Head

    @classmethod
    def of(cls, donor: Donor, space: ShapeSpace) -> Base:
        """Read a synthetic actor's."""
        tensors, about = read_tensors(donor.actor.components["avatar"].file)
        names = tuple(about["units"].split()), tuple(about["parts"].split())
        return cls(donor.actor.name, tensors, names, space.head(donor.person.shape))

    def on(self, head: Head) -> TexturedMesh:
        """The avatar on another head."""
        return TexturedMesh.from_tensors(transfer(self.tensors, self.head, head), *self.names)


def components(space: ShapeSpace, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Principal components of the head's front.

    Returns:
        Mean weights [n] of the targets, their change [K, n] for one deviation of every component, and the
        deviations [n, K] of a change of the weights.
    """
    names = space.targets.names
    weights = np.array([person(names, rng) for _ in range(PORTRAITS)])
    anchors = np.concatenate([space.groups[name] for name in ANCHORS])
    deltas = np.stack([space.targets.dense(name, len(space.mesh)) for name in names])
    skin = space.limit(deltas - deltas[:, anchors].mean(1)[:, None])[:, space.groups["skin"]]
    rest = space.head(read_person(find_actor("mira").folder).shape).rest[space.groups["skin"]] * METRES
    front = (rest[:, 2] > 0.02) & (rest[:, 1] > 0.55)
    mean = weights.mean(0)
    away = (weights - mean) @ skin[:, front].reshape(len(names), -1)
    left, values, right = np.linalg.svd(away, full_matrices=False)
    scale = np.sqrt(len(weights))
    found = right[:COMPONENTS] * (scale / values[:COMPONENTS, None])
    return (
        mean,
        (left[:, :COMPONENTS].T @ (weights - mean)) / scale,
        skin[:, front].reshape(len(names), -1) @ found.T,
    )


def shots(space: ShapeSpace) -> list[Shot]:
    """Pictures of people at random, with the colours, hair and clothes of the shipped actors."""
    bases, out = [Base.of(donor, space) for donor in donors()], []
    rest = next(base for base in bases if base.name == DOMAIN).tensors["mesh.rest"].astype(np.float64)
    for number in range(PEOPLE):
        logger.info("person %d of %d", number + 1, PEOPLE)
        rng = np.random.default_rng(FIRST_SEED + number)
        who = person(space.targets.names, rng)
        head = space.head(dict(zip(space.targets.names, who, strict=True)))
        avatar = bases[rng.integers(len(bases))].on(head)
        for k, yaw in enumerate(YAWS):
            pose = Pose.random(rng, yaw)
            weights = expression(avatar, rng, 0 if k == 0 else rng.random())
            image, posed = take(avatar, pose, weights, colour=f"#{rng.integers(1 << 24):06x}")
            try:
                target = find_face(image, "drawing").points[:NUM_LANDMARKS, :2]
            except InputError:
                continue
            places = _under(avatar, posed, pose, target, rest)
            skin = posed.vertices[0, : avatar.mesh.starts[1]].astype(np.float64)
            out.append(Shot(target, skin, pose, places, who, weights[0]))
    return out


def _under(avatar: TexturedMesh, posed: Posed, pose: Pose, target: Array, rest: Array) -> Array:
    """Surface [L, 3] under landmarks, on another mesh at rest."""
    side, mesh = SAMPLES * 512, avatar.mesh
    points = pose.camera().project(posed.vertices[0], side, side)
    points[:, 2] = 1 / points[:, 2]
    depth, index = np.empty((side, side), np.float32), np.empty((side, side), np.int32)
    rasterise(points, mesh.faces, 0, True, depth, index)
    out = np.full((len(target), 3), np.nan)
    for k, (x, y) in enumerate(target * SAMPLES):
        face = index[int(np.clip(y, 0, side - 1)), int(np.clip(x, 0, side - 1))]
        if face < 0 or mesh.faces[face].max() >= mesh.starts[1]:
            continue
        corner = mesh.faces[face]
        flat = np.linalg.solve(np.vstack([points[corner, :2].T, np.ones(3)]), [x, y, 1])
        weight = flat * points[corner, 2]
        out[k] = weight / weight.sum() @ rest[corner]
    return out


def on_skin(places: Array, rest: Array, faces: NDArray[np.int32]) -> tuple[NDArray[np.int64], Array]:
    """Skin triangles [L, 3] and barycentrics [L, 3] nearest to points [L, 3]."""
    near = cKDTree(rest[faces].mean(1)).query(places, 12)[1]
    corners, weights = np.zeros((len(places), 3), np.int64), np.zeros((len(places), 3))
    for k, place in enumerate(places):
        best = np.inf
        for face in faces[near[k]]:
            system = np.vstack([rest[face].T * 1e3, np.ones(3)])
            weight = np.clip(np.linalg.lstsq(system, np.r_[place * 1e3, 1], rcond=None)[0], 0, 1)
            weight /= weight.sum()
            error = float(np.linalg.norm(weight @ rest[face] - place))
            if error < best:
                best, corners[k], weights[k] = error, face, weight
    return corners, weights


def misses(shot: Shot, corners: NDArray[np.int64], weights: Array) -> Array:
    """By how much [2 L] a picture's landmarks miss the surface: metres to the right, then down, head upright.

    What a camera could explain is left out.
    """
    points = np.einsum("nkd,nk->nd", shot.skin[corners], weights).astype(np.float32)
    camera = shot.pose.camera()
    seen = camera.project(points, 512, 512)
    scale = camera.pixels_per_tangent(512, 512) / seen[:, 2].mean()
    turn = HeadTurn.from_poses(shot.pose.head(), np.zeros(3, np.float32)).matrices[0].astype(np.float64)
    away = ((shot.target - seen[:, :2]) / scale) @ upright(turn).T
    x, y = (((seen[:, :2] - seen[:, :2].mean(0)) / scale) @ upright(turn).T).T
    one, none = np.ones_like(x), np.zeros_like(x)
    camera_moves = np.stack([np.r_[one, none], np.r_[none, one], np.r_[x, y], np.r_[-y, x]], 1)
    flat = away.T.ravel()
    left: Array = flat - camera_moves @ np.linalg.lstsq(camera_moves, flat, rcond=None)[0]
    return left


def habits(
    found: list[Shot], away: Array, deviations: Array, names: list[str]
) -> tuple[Array, Array, NDArray[np.int64]]:
    """How the landmarker misses.

    Returns:
        Habits as in `Faces`, what is left [shots, 2 L] of pictures of people that they were not learnt from,
        and who is in them [shots].

    Args:
        found: pictures.
        away: [shots, 2 L] from `misses`.
        deviations: [shots, K] shapes of the people.
        names: of the units.
    """
    chosen = [names.index(name) for name in UNITS]
    poses = []
    for shot in found:
        turn = HeadTurn.from_poses(shot.pose.head(), np.zeros(3, np.float32)).matrices[0]
        poses.append(pose_features(turn.astype(np.float64)))
    units = np.array([shot.units[chosen] for shot in found])
    features = np.concatenate([np.array(poses), deviations, units], 1)
    solution = _ridge(features, away)
    people = np.unique([shot.person for shot in found], axis=0, return_inverse=True)[1].ravel()
    left = np.empty_like(away)
    for fold in range(FOLDS):
        tested = people % FOLDS == fold
        left[tested] = away[tested] - features[tested] @ _ridge(features[~tested], away[~tested])
    return solution.T, left, people


def _ridge(features: Array, values: Array) -> Array:
    """Ridge regression; the first feature is one, and free."""
    penalty = RIDGE * np.maximum(features.var(0), 1e-6)
    penalty[0] = 0
    solution: Array = np.linalg.solve(features.T @ features + np.diag(penalty), features.T @ values)
    return solution


def spread_of(left: Array, people: NDArray[np.int64]) -> tuple[Array, Array, Array]:
    """How what is left [shots, 2 L] varies, metres.

    Returns:
        Factor [2 L, PECULIAR] of what a person keeps in every picture, factor [2 L, FACTORS] and variance
        [2 L] of what else pictures differ in.
    """
    count = np.bincount(people)[:, None]
    means = np.stack([np.bincount(people, column) for column in left.T], 1) / count
    within = left - means[people]
    inner = within.T @ within / (len(left) - len(count))
    outer = means.T @ means / len(means) - inner / count.mean()
    factors = []
    for covariance, size in ((outer, PECULIAR), (inner, FACTORS)):
        values, vectors = np.linalg.eigh(covariance)
        factors.append(vectors[:, -size:] * np.sqrt(np.maximum(values[-size:], 0)))
    rest = np.maximum(np.diag(inner + outer) - sum((factor**2).sum(1) for factor in factors), 0)
    return factors[0], factors[1], rest + LEAST_NOISE**2


def learn(space: ShapeSpace, found: list[Shot], rng: np.random.Generator) -> dict[str, NDArray[np.generic]]:
    """Tensors of the file, from pictures."""
    mean, changes, deviations_of = components(space, rng)
    avatar, _ = read_tensors(find_actor(DOMAIN).components["avatar"].file)
    count = int(avatar["mesh.starts"][1])
    faces = avatar["mesh.faces"][(avatar["mesh.faces"] < count).all(1)].astype(np.int32)
    places = np.nanmedian([shot.places for shot in found if abs(shot.pose.yaw) < FRONTAL], 0)
    corners, weights = on_skin(places, avatar["mesh.rest"].astype(np.float64), faces)
    away = np.array([misses(shot, corners, weights) for shot in found])
    deviations = (np.array([shot.person for shot in found]) - mean) @ deviations_of
    habit, left, people = habits(found, away, deviations, list(space.units))
    peculiar, factor, rest = spread_of(left, people)
    before, after = (np.sqrt(2 * (x**2).mean()) * 1e3 for x in (away, left))
    print(f"{len(found)} pictures, landmarks to {before:.2f} mm, without their habits {after:.2f} mm")
    return {
        "mean": mean.astype(np.float32),
        "components": np.concatenate([changes, np.zeros((PECULIAR, len(mean)))]).astype(np.float32),
        "corners": corners.astype(np.int16),
        "weights": weights.astype(np.float32),
        "habits": np.insert(habit, NUM_POSE + COMPONENTS, peculiar.T, 1).astype(np.float32),
        "noise.factor": factor.astype(np.float32),
        "noise.rest": rest.astype(np.float32),
    }


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    logging.basicConfig(level=logging.INFO)
    rng = np.random.default_rng(parser.parse_args().seed)
    space = load_shapes()
    write_tensors(presets_folder() / PORTRAITS_FILE, learn(space, shots(space), rng), {})


if __name__ == "__main__":
    main()
