"""The face in a photograph: 478 landmarks, 52 scores, where the head looks; or a reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait.models import LANDMARKS, quiet, read_model, vision
from avgen.errors import InputError

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

OUTER_EYE_CORNERS: Final = (33, 263)
FACE_OVAL: Final = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""Landmarks around the face, from the top clockwise as seen in the picture."""
IRISES: Final = ((473, 474, 475, 476, 477), (468, 469, 470, 471, 472))
"""Landmarks of the actor's left and right iris; the first is its middle."""
LEAST_EYE_DISTANCE: Final = 40.0
"""Pixels between the outer corners of the eyes below which no face is made of it."""
FINE_EYE_DISTANCE: Final = 80.0
"""The same, below which the skin stays blurred."""
LARGEST_YAW: Final = 60.0
"""Degrees to the side beyond which the farther half of the face is guessed."""
FRONTAL_YAW: Final = 30.0
OTHER_FACE: Final = 0.4
"""Size of another face, relative to the largest, from which it is not clear whom the picture is of."""
FLAT_SHARE: Final = 0.6
"""Share of the face's pixels that equal their neighbour, from which a picture was drawn rather than taken."""
_MOST_FACES: Final = 4
_SCALES: Final = ((1.0, 1.6, 0.5), (0.25,))
"""Sides of the squares in which faces are looked for, in longer sides of the picture: detection misses faces
that fill a square, or are small in it. The second only if the first show none."""
_SHIFTS: Final = ((0.0, 1.0), (0.02, 1.06), (-0.02, 0.94), (0.01, 0.9), (-0.01, 1.12))
"""Shares of its size by which the face's square is moved, and grown, where it is looked at again."""
_SQUARE: Final = 2.0
"""Side of that square, in faces."""
_RESOLUTION: Final = 512
"""Its side in pixels, at most."""


@dataclass(frozen=True, slots=True)
class Face:
    """What the landmarker finds.

    Attributes:
        points: [478, 3] pixel x, pixel y and relative depth in pixels (less is nearer); the last ten are of
            the irises.
        scores: strength in [0, 1] of the 52 ARKit expressions, by name.
        yaw: degrees by which the head is turned to its left.
        pitch: degrees by which it looks up.
    """

    points: Array
    scores: Mapping[str, float]
    yaw: float
    pitch: float

    @property
    def eye_distance(self) -> float:
        """Pixels between the outer corners of the eyes, as if seen from the front."""
        left, right = self.points[list(OUTER_EYE_CORNERS), :2]
        return float(np.linalg.norm(left - right)) / max(float(np.cos(np.radians(self.yaw))), 0.3)


def find_face(image: Picture, name: str) -> Face:
    """The one face that a picture is of.

    Args:
        image: [H, W, 3] sRGB.
        name: of the file, for messages.

    Raises:
        InputError: there is none, or more than one, or it is turned too far away, too small, or drawn.
    """
    faces = sorted(_faces(image), key=lambda face: -face.eye_distance)
    if not faces:
        raise InputError(f"{name}: no face was found. Use a picture that shows one from the front, well lit.")
    face = faces[0]
    if len(faces) > 1 and faces[1].eye_distance > OTHER_FACE * face.eye_distance:
        raise InputError(f"{name}: several faces were found. Cut the picture so that it shows one person.")
    if abs(face.yaw) > LARGEST_YAW:
        raise InputError(
            f"{name}: the head is turned by {abs(face.yaw):.0f} degrees, expected at most {LARGEST_YAW:.0f}. "
            "Use a picture in which both eyes are seen."
        )
    if face.eye_distance < LEAST_EYE_DISTANCE:
        raise InputError(
            f"{name}: the face is too small: {face.eye_distance:.0f} pixels between the outer corners of the "
            f"eyes, expected at least {LEAST_EYE_DISTANCE:.0f}, better 200. Use a larger picture."
        )
    if _flat_share(image, face) > FLAT_SHARE:
        raise InputError(f"{name}: this looks drawn, or reduced to few colours. Use a photograph.")
    return face


def _faces(image: Picture) -> list[Face]:
    """Faces of the picture, of a padded one and of its parts; of smaller parts, if there are none."""
    tasks = vision()
    with quiet():
        from mediapipe.tasks.python import BaseOptions

        options = tasks.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=read_model(LANDMARKS)),
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
            num_faces=_MOST_FACES,
        )
        with tasks.FaceLandmarker.create_from_options(options) as landmarker:
            for scales in _SCALES:
                faces: list[Face] = []
                for square in (square for scale in scales for square in _squares(image, scale)):
                    faces += [face for face in _detected(landmarker, image, *square) if _is_new(face, faces)]
                if faces:
                    return [_refined(landmarker, image, face) for face in faces]
    return []


def _squares(image: Picture, scale: float) -> Iterator[tuple[float, float, float]]:
    """Left, top and side of the squares of a scale; smaller ones overlap by half."""
    height, width = image.shape[:2]
    side = scale * max(height, width)
    if scale >= 1:
        yield (width - side) / 2, (height - side) / 2, side
        return
    for y in np.arange(0, max(height - side / 2, 1), side / 2):
        for x in np.arange(0, max(width - side / 2, 1), side / 2):
            yield float(x), float(y), side


def _is_new(face: Face, others: list[Face]) -> bool:
    """Whether a face is none of the others, seen again, whole or in part."""
    middle = face.points[:, :2].mean(0)
    for one in others:
        low, high = one.points[:, :2].min(0), one.points[:, :2].max(0)
        if (np.abs(middle - (low + high) / 2) < 0.8 * (high - low)).all():
            return False
    return True


def _refined(landmarker: Any, image: Picture, face: Face) -> Face:
    """The mean over several looks at a face, which halves the landmarks' noise."""
    low, high = face.points[:, :2].min(0), face.points[:, :2].max(0)
    middle, size = (low + high) / 2, float((high - low).max())
    looks = []
    for shift, growth in _SHIFTS:
        side = _SQUARE * size * growth
        x, y = middle - side / 2 + shift * size
        looks += _detected(landmarker, image, x, y, side)[:1]
    near = [look for look in looks if np.abs(look.points[:, :2] - face.points[:, :2]).mean() < 0.1 * size]
    if not near:
        return face
    scores = {name: float(np.mean([look.scores[name] for look in near])) for name in face.scores}
    yaw, pitch = (float(np.mean([getattr(look, angle) for look in near])) for angle in ("yaw", "pitch"))
    return Face(np.mean([look.points for look in near], 0), scores, yaw, pitch)


def _detected(landmarker: Any, image: Picture, x: float, y: float, side: float) -> list[Face]:
    """Faces of a square of the picture, in the picture's pixels."""
    import cv2
    from mediapipe import Image, ImageFormat

    scale = min(1.0, _RESOLUTION / side) if side < max(image.shape) else min(1.0, 1024 / side)
    size = max(round(side * scale), 1)
    move = np.array([[scale, 0, -x * scale], [0, scale, -y * scale]])
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = cv2.warpAffine(image, move, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    found = landmarker.detect(Image(ImageFormat.SRGB, np.ascontiguousarray(square)))
    faces = []
    for marks, scores, matrix in zip(
        found.face_landmarks, found.face_blendshapes, found.facial_transformation_matrixes, strict=True
    ):
        points = np.array([(mark.x, mark.y, mark.z) for mark in marks]) * (size / scale) + [x, y, 0]
        strengths = {one.category_name: float(one.score) for one in scores if one.category_name != "_neutral"}
        forward = np.asarray(matrix)[:3, 2] / np.linalg.norm(np.asarray(matrix)[:3, 2])
        yaw = float(np.degrees(np.arctan2(forward[0], forward[2])))
        faces.append(Face(points, strengths, yaw, float(np.degrees(np.arcsin(forward[1])))))
    return faces


def _flat_share(image: Picture, face: Face) -> float:
    """Share of the face's pixels whose neighbours to the right and below are of the very same colour."""
    import cv2

    inside = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.round(face.points[list(FACE_OVAL), :2]).astype(np.int32), 1)
    same = (image[:-1, :-1] == image[1:, :-1]).all(2) & (image[:-1, :-1] == image[:-1, 1:]).all(2)
    return float(same[inside[:-1, :-1] > 0].mean())
