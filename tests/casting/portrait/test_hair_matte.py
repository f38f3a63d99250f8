"""Hair is told from ears in a picture."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2", reason="needs the extra: pip install 'avgen[photo]'")

from avgen.casting.portrait.hair_matte import Seeds, hair_matte
from avgen.casting.portrait.landmarks import FACE_OVAL, Face


@pytest.mark.parametrize("ear", [True, False], ids=["ear", "scalp"])
def test_a_bright_ear_is_no_hair(ear: bool) -> None:
    y, x = np.mgrid[:500, :500]
    face = np.hypot((x - 250) / 85, (y - 270) / 110) < 1
    hair = (np.hypot((x - 250) / 120, (y - 230) / 130) < 1) & ~face & (y < 240)
    beside = (np.abs(x - 360) < 22) & (np.abs(y - 280) < 28)
    image = np.full((500, 500, 3), 120, np.uint8)
    for where, colour in ((hair, (50, 38, 30)), (beside, (252, 205, 180)), (face, (205, 160, 140))):
        image[where] = colour
    angle = np.linspace(-np.pi / 2, 1.5 * np.pi, len(FACE_OVAL), endpoint=False)
    points = np.zeros((478, 3))
    points[list(FACE_OVAL), 0] = 250 + 85 * np.cos(angle)
    points[list(FACE_OVAL), 1] = 270 + 110 * np.sin(angle)
    scalp = hair & (np.hypot((x - 250) / 105, (y - 230) / 115) < 1)
    places = [np.argwhere(where)[:, ::-1] + 0.5 for where in (face, scalp, beside)]
    above = [np.full(len(some), level) for some, level in zip(places, (-0.5, 0.2, 0.2), strict=True)]
    of_ear = np.repeat([False, False, ear], [len(some) for some in places])
    seeds = Seeds(np.concatenate(places), np.concatenate(above), of_ear)
    person = (face | hair | beside).astype(np.float32)
    matte = hair_matte(image, person, Face(points, {}, 0.0, 0.0), seeds)
    assert matte[120:150, 230:270].mean() > 0.9
    assert matte[250:290, 230:270].mean() < 0.05
    shown = matte[265:295, 345:375].mean()
    assert shown < 0.1 if ear else shown > 0.5
