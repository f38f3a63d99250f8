"""A skeleton in the JSON of Momentum (Meta, MIT licence) becomes tensors by their published names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from avgen.avatars.ca_body.skeleton import JOINT
from avgen.errors import ActorError
from avgen.released.reading import look_up

BONES: Final = "lbs_fn.lbs_fn."
PARAMETERS: Final = "lbs_fn.lbs_fn.param_transform."
MOST: Final = 8
"""Joints that move a vertex."""


def skeleton_tensors(assets: Any, path: Path) -> dict[str, Tensor]:
    """Joints, weights and parameters of static_assets.pt; nothing if it has no skeleton.

    Args:
        assets: what was read.
        path: of the file, for messages.

    Raises:
        ActorError: if there is one that is not understood, saying what was found.
    """
    model = assets.get("lbs_model_json") if isinstance(assets, Mapping) else None
    if model is None:
        return {}
    try:
        told = json.loads(model) if isinstance(model, str | bytes) else model
        found = {f"{BONES}{name}": value for name, value in _read(told).items()}
    except (KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise ActorError(f"{path}: lbs_model_json: is no skeleton of Momentum's: {error!r}.") from None
    for name in ("transform", "transform_offsets"):
        value = look_up(assets, "lbs_config_dict", name)
        if value is None:
            keys = assets.get("lbs_config_dict")
            listed = ", ".join(map(str, keys)) if isinstance(keys, Mapping) else type(keys).__name__
            raise ActorError(f"{path}: lbs_config_dict: expected {name} in it, got: {listed}.")
        found[f"{PARAMETERS}{name}"] = value
    transform, rows = found[f"{PARAMETERS}transform"], JOINT * len(found[f"{BONES}joint_offset"])
    if transform.ndim != 2 or transform.shape[0] != rows:
        got = list(transform.shape)
        raise ActorError(f"{path}: lbs_config_dict: transform: expected {rows} rows, got the shape {got}.")
    return found


def _read(model: Mapping[str, Any]) -> dict[str, Tensor]:
    bones, skin = model["Skeleton"]["Bones"], model["SkinnedModel"]
    parents = [int(bone["Parent"]) for bone in bones]
    offsets, pairs = skin["SkinningOffsets"], skin["SkinningWeights"]
    weights = torch.zeros(len(offsets) - 1, MOST)
    indices = torch.zeros(len(offsets) - 1, MOST, dtype=torch.int64)
    for vertex, (start, stop) in enumerate(pairwise(offsets)):
        for place, (joint, weight) in enumerate(pairs[start : min(stop, start + MOST)]):
            indices[vertex, place], weights[vertex, place] = int(joint), float(weight)
    return {
        "joint_parents": torch.tensor([[parent if parent < len(bones) else -1] for parent in parents]),
        "joint_rotation": torch.tensor([bone["PreRotation"] for bone in bones], dtype=torch.float32),
        "joint_offset": torch.tensor([bone["TranslationOffset"] for bone in bones], dtype=torch.float32),
        "skin_weights": weights,
        "skin_indices": indices,
    }
