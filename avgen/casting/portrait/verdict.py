"""What is weak about an actor made from photographs, in plain words, and which picture would help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.casting.portrait.albedo import Relight
from avgen.casting.portrait.hair import is_bald
from avgen.casting.portrait.landmarks import FINE_EYE_DISTANCE, FRONTAL_YAW
from avgen.casting.portrait.likeness import Likeness, Photo

SMILING, OPEN_MOUTH, CLOSED_EYES = 0.4, 0.15, 0.5
"""Scores from which a face is not at rest."""
TURNED: Final = 15.0
SIDE: Final = 18.0
"""Degrees from which a picture shows depth."""
STRONG_LIGHT: Final = 0.55
"""Logarithm by which light falls more from one side."""
POOR_FIT: Final = 0.03
"""Landmarks' error in shares of the eyes' distance from which the shape is doubtful."""
LEAST_BRIDGE: Final = 1.8


def weaknesses(photos: Sequence[Photo], made: Likeness) -> list[str]:
    """Sentences, one for each weakness, the gravest first; none if all is well."""
    first = photos[0]
    out = [*_of_face(first), *_of_light(made.relights[0]), *_of_hair(first, made.mattes[0])]
    yaws = [photo.face.yaw for photo in photos]
    if not any(abs(yaw) > SIDE for yaw in yaws):
        out.append(
            "No picture shows the face from the side, so that the depth of nose and chin, and the ears, are "
            "guessed: add one that is turned by 20 to 40 degrees."
        )
    for photo, landmarks in zip(photos, made.landmarks, strict=True):
        error = landmark_error(photo, landmarks)
        if error > POOR_FIT:
            out.append(
                f"{photo.name}: the face was fitted only to {100 * error:.1f} % of the distance between the "
                "eyes: something may cover it."
            )
    return out


def landmark_error(photo: Photo, landmarks: NDArray[np.float64]) -> float:
    """Root mean square distance of fitted landmarks [L, 2], in shares of the eyes' distance."""
    away = landmarks - photo.face.points[: len(landmarks), :2]
    return float(np.sqrt((away**2).sum(1).mean())) / photo.face.eye_distance


def _of_face(photo: Photo) -> list[str]:
    face, name, out = photo.face, photo.name, []
    if face.eye_distance < FINE_EYE_DISTANCE:
        out.append(
            f"{name}: only {face.eye_distance:.0f} pixels between the outer corners of the eyes, so that "
            f"skin, eyes and hair stay blurred: use a picture with {FINE_EYE_DISTANCE:.0f} or more, best 200."
        )
    if has_glasses(photo):
        out.append(
            f"{name}: glasses seem to be worn. They are not supported and become part of the skin: use a "
            "picture without."
        )
    if abs(face.yaw) > FRONTAL_YAW:
        out.append(
            f"{name}: seen from the side, so that half of the face is guessed: add one from the front."
        )
    elif abs(face.yaw) > TURNED:
        out.append(f"{name}: the head is turned: one that looks straight into the camera would be truer.")
    smile = np.mean([face.scores["mouthSmileLeft"], face.scores["mouthSmileRight"]])
    if smile > SMILING or face.scores["jawOpen"] > OPEN_MOUTH:
        out.append(
            f"{name}: the face smiles or speaks; what that does to cheeks and lips stays a little: use one "
            "at rest."
        )
    if min(face.scores["eyeBlinkLeft"], face.scores["eyeBlinkRight"]) > CLOSED_EYES:
        out.append(f"{name}: the eyes are closed, so that they are not the person's: use one with open eyes.")
    return out


def _of_light(relight: Relight) -> list[str]:
    sideways, upwards = relight.old[0], relight.old[1]
    if abs(sideways) < STRONG_LIGHT and abs(upwards) < 2 * STRONG_LIGHT:
        return []
    return [
        "Strong light from one side leaves traces on the skin: soft light from the front would be better."
    ]


def _of_hair(photo: Photo, matte: NDArray[np.float32]) -> list[str]:
    out = []
    if max(matte[0].max(), matte[:, 0].max(), matte[:, -1].max()) > 0.5:
        out.append(f"{photo.name}: the hair is cut off by the picture's edge: leave room around it.")
    if is_bald(matte, photo.face):
        out.append("No hair was found, so that there is none.")
    return out


def has_glasses(photo: Photo) -> bool:
    """Whether something like a bridge of glasses crosses the nose, darker or lighter than the skin."""
    points, image = photo.face.points[:, :2], photo.image.astype(np.float64).mean(2)
    top, bottom = points[168], points[197]
    places = top + np.linspace(-0.25, 1.0, 40)[:, None] * (bottom - top)
    across = (points[263] - points[33]) / np.linalg.norm(points[263] - points[33])
    offsets = np.linspace(-0.03, 0.03, 7)[:, None, None] * photo.face.eye_distance * across
    x, y = (places + offsets).transpose(2, 0, 1)
    rows, columns = (np.clip(v.astype(int), 0, n - 1) for v, n in ((y, image.shape[0]), (x, image.shape[1])))
    profile = np.median(image[rows, columns], 0)
    steps = np.abs(np.diff(np.log(np.maximum(profile, 8))))
    return bool(steps.max() > 0.12 * LEAST_BRIDGE)
