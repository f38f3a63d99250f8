"""A dataset in Audio2Photoreal's layout: a person who hums, nods and moves the face to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

SECONDS = 3.2
FRAMES = 96


def write_dataset(folder: Path, scenes: int = 8) -> Path:
    """Write scenes, one without a face, one with a gap in it."""
    folder.mkdir(parents=True)
    for number in range(scenes + 1):
        rng = np.random.default_rng(number)
        name = f"scene{number:02d}"
        time = np.arange(round(SECONDS * 48_000)) / 48_000
        swell = np.maximum(0, np.sin(2 * np.pi * (0.7 * time + 0.1 * number)))
        own = 0.2 * swell * np.sign(np.sin(2 * np.pi * 130 * time)) + 1e-4 * rng.standard_normal(len(time))
        soundfile.write(folder / f"{name}_audio.wav", np.stack([own, 0.3 * np.sin(900 * time)], 1), 48_000)
        beat = np.sin(2 * np.pi * 0.7 * np.arange(FRAMES) / 30 + 0.1 * number)[:, None]
        pose = np.zeros((FRAMES, 104)) + 0.1 * beat * rng.normal(size=104) / (1 + np.arange(104))
        np.save(folder / f"{name}_body_pose.npy", pose.astype(np.float32))
        if number == 0:
            continue
        face = 3.0 + beat * rng.normal(size=256) + 0.1 * rng.normal(size=(FRAMES, 256))
        np.save(folder / f"{name}_face_expression.npy", face.astype(np.float32))
        np.save(folder / f"{name}_missing_face_frames.npy", np.arange(60, 63) if number == 1 else np.zeros(0))
    return folder
