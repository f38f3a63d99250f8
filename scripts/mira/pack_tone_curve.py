"""The captures' tone curve as a table: presets/people/tone_curve.safetensors.

Needs PyPI's `opencolorio`, and Blender's colour configuration, which `bpy` carries
(`datafiles/colormanagement/config.ocio`).

    python -m scripts.mira.pack_tone_curve CONFIG.OCIO
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from avgen.avatars.mesh.storage import write_tensors
from avgen.casting.tone_curve import BRIGHTEST, CURVE_FILE, DARKEST
from avgen.config import presets_folder

SIDE = 49
"""Steps of the table along each channel."""
LOOK = "AgX - Medium High Contrast"
"""As in scripts/mira/look/scene.py."""


def developed(config: Path, light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Display values [n, 3] in 0..1 of linear light [n, 3] in Rec.709."""
    view = ocio.LegacyViewingPipeline()
    view.setDisplayViewTransform(ocio.DisplayViewTransform(src="Linear Rec.709", display="sRGB", view="AgX"))
    view.setLooksOverrideEnabled(True)
    view.setLooksOverride(LOOK)
    processor = view.getProcessor(ocio.Config.CreateFromFile(str(config))).getDefaultCPUProcessor()
    rgb = np.ascontiguousarray(light, np.float32)
    processor.applyRGB(rgb)
    return rgb.astype(np.float64)


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    axis = 2.0 ** np.linspace(DARKEST, BRIGHTEST, SIDE)
    light = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    levels = np.clip(developed(parser.parse_args().config, light), 0, 1).reshape(SIDE, SIDE, SIDE, 3)
    file = presets_folder() / CURVE_FILE
    write_tensors(file, {"levels": np.round(levels * 65535).astype(np.uint16)}, {})


if __name__ == "__main__":
    main()
