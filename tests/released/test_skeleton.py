"""Skeletons that the assets describe in Momentum's JSON, for checkpoints without them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from avgen.errors import ActorError
from avgen.released.codec_body import body_items
from avgen.released.skeleton import BONES, PARAMETERS, skeleton_tensors
from tests.codec_bodies import SIZES, body_tensors, published

CHECKPOINT = Path("body_dec.ckpt")
HEAD = {"head_cond_mask": np.zeros((8, 8), np.float32)}


def bare() -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """A checkpoint without its skeleton, and assets with it."""
    state = published(body_tensors())
    bones = {name.removeprefix(BONES): state.pop(name) for name in list(state) if name.startswith(BONES)}
    parents = [parent if parent >= 0 else 2**64 - 1 for (parent,) in bones["joint_parents"].tolist()]
    pairs, offsets = [], [0]
    for weights, indices in zip(bones["skin_weights"].tolist(), bones["skin_indices"].tolist(), strict=True):
        pairs += [[joint, weight] for joint, weight in zip(indices, weights, strict=True) if weight]
        offsets.append(len(pairs))
    model = {
        "Skeleton": {
            "Bones": [
                {"Name": str(k), "Parent": parent, "PreRotation": turn, "TranslationOffset": offset}
                for k, (parent, turn, offset) in enumerate(
                    zip(
                        parents, bones["joint_rotation"].tolist(), bones["joint_offset"].tolist(), strict=True
                    )
                )
            ]
        },
        "SkinnedModel": {"SkinningWeights": pairs, "SkinningOffsets": offsets},
    }
    names = ("transform", "transform_offsets")
    config = {name: bones[f"param_transform.{name}"].numpy() for name in names}
    return state, {**HEAD, "lbs_model_json": model, "lbs_config_dict": config}


@pytest.mark.parametrize("as_text", [False, True])
def test_the_assets_skeleton_is_the_checkpoint_s(as_text: bool) -> None:
    state, assets = bare()
    if as_text:
        assets["lbs_model_json"] = json.dumps(assets["lbs_model_json"])
    wanted = body_items(published(body_tensors()), HEAD, SIZES, CHECKPOINT)
    found = body_items(state, assets, SIZES, CHECKPOINT)
    assert found.keys() == wanted.keys()
    for name in wanted:
        if name.startswith("lbs_fn."):
            torch.testing.assert_close(found[name].make(), wanted[name].make(), msg=name)


def test_what_is_not_understood_is_said() -> None:
    state, assets = bare()
    del assets["lbs_config_dict"]["transform"]
    with pytest.raises(
        ActorError, match=r"lbs_config_dict: expected transform in it, got: transform_offsets\."
    ):
        body_items(state, assets, SIZES, CHECKPOINT)
    assets = bare()[1]
    assets["lbs_config_dict"]["transform"] = assets["lbs_config_dict"]["transform"].T
    with pytest.raises(ActorError, match=r"transform: expected 28 rows, got the shape \[107, 28\]"):
        skeleton_tensors(assets, CHECKPOINT)
    for wrong in ("{", [], {"Skeleton": {}}, {"Skeleton": {"Bones": [{}]}, "SkinnedModel": {}}):
        with pytest.raises(ActorError, match=r"lbs_model_json: is no skeleton of Momentum's"):
            body_items(state, {**assets, "lbs_model_json": wrong}, SIZES, CHECKPOINT)
    with pytest.raises(
        ActorError, match=rf"{BONES}joint_offset is missing, and static_assets.* no lbs_model"
    ):
        body_items(state, HEAD, SIZES, CHECKPOINT)
    assert PARAMETERS.startswith(BONES)
