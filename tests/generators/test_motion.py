"""The generators together, with random weights of the published layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from avgen.errors import ActorError
from avgen.generators.layout import read_layout
from avgen.generators.lips import LipRegressor
from avgen.generators.motion import Motion, MotionConfig, SoundToMotion
from avgen.released import generators as published
from avgen.released.generators import Widths, generator_items
from tests.released.test_generators import KINDS, listed

RNG = np.random.default_rng(0)


def sound(seconds: int) -> np.ndarray:
    return (0.02 * RNG.standard_normal((2, 16_000 * seconds))).astype(np.float32)


def test_every_published_name_and_shape_has_its_place() -> None:
    tensors, parts = {}, ("face", "pose", "guide", "codebooks")
    for part in parts:
        state = listed(part)
        items = generator_items(state, KINDS[part][0](state, Widths()), Path("a.pt"))
        tensors |= {f"{part}.{name}": torch.empty(item.shape, device="meta") for name, item in items.items()}
    layout = read_layout(tensors, Path("a"))
    assert layout.seconds == 20 and layout.convolutions == 13
    with torch.device("meta"):
        made, lips = SoundToMotion(layout, MotionConfig()).state_dict(), LipRegressor(512, 1024, 1024)
    wanted = {name: value.shape for name, value in made.items() if not name.startswith("stats.")}
    assert wanted == {name: value.shape for name, value in tensors.items()}
    items = generator_items(listed("lips"), published.lip_shapes({}, Widths()), Path("a.pt"))
    assert {name: tuple(value.shape) for name, value in lips.state_dict().items()} == {
        name: item.shape for name, item in items.items()
    }


def test_seeds_are_samples_and_the_same_again(model: SoundToMotion) -> None:
    heard, steps = sound(3), []
    several = model.draw(heard, [1, 2], lambda done, total: steps.append((done, total)))
    assert steps == [(k, 9) for k in range(1, 10)]
    (again,) = model.draw(heard, [2])
    for one, face in zip(several, (several[0].face, again.face), strict=True):
        assert one.face.shape == (90, 256) and one.pose.shape == (90, 104)
        assert np.allclose(one.face, face, atol=1e-3)
    assert np.allclose(several[1].pose, again.pose, atol=1e-4)
    assert not np.allclose(several[0].pose, several[1].pose, atol=1e-2)


def test_the_partner_is_heard(model: SoundToMotion) -> None:
    both = sound(2)
    alone = np.stack([both[0], np.zeros_like(both[0])])
    one, other = (model.draw(heard, [1])[0] for heard in (both, alone))
    assert not np.allclose(one.face, other.face, atol=1e-2)


def speeds(motion: Motion) -> list[np.ndarray]:
    return [np.abs(np.diff(values, axis=0)).mean(1) for values in motion]


def test_windows_join_without_a_seam(model: SoundToMotion) -> None:
    """Speed where windows begin and end, and where they fade, is that of other frames."""
    (motion,) = model.draw(sound(13), [1])
    joins = np.array([30 * second for second in (3, 4, 6, 7, 9, 10)])
    for speed in speeds(motion):
        assert len(speed) == 13 * 30 - 1
        at = np.concatenate([speed[join - 2 : join + 2] for join in joins])
        elsewhere = np.setdiff1d(
            np.arange(30, len(speed)), [join + k for join in joins for k in range(-2, 2)]
        )
        assert at.mean() < 1.25 * speed[elsewhere].mean() and at.max() < 1.5 * speed[elsewhere].max()


def test_long_clips_do_not_keep_all_memories(model: SoundToMotion, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = sound(8)
    (kept,) = model.draw(heard, [1])
    monkeypatch.setattr("avgen.generators.motion.KEPT", 1)
    (made,) = model.draw(heard, [1])
    assert np.allclose(kept.face, made.face, atol=1e-4)


def test_equal_ears_are_one(file: Path, tmp_path: Path) -> None:
    tensors = load_file(file)
    for name in [name for name in tensors if name.startswith("face.audio_model")]:
        for part in ("pose", "guide"):
            tensors[f"{part}{name.removeprefix('face')}"] = tensors[name].clone()
    save_file(tensors, tmp_path / "a.safetensors")
    model = SoundToMotion.load({"steps": 1}, tmp_path / "a.safetensors")
    assert model.face.audio_model is model.pose.audio_model is model.guide.audio_model
    assert model.draw(sound(2), [1])[0].face.shape == (60, 256)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"steps": 0}, "steps: expected a whole number from 1 to 1000, got 0"),
        ({"steps": 2.5}, "steps: expected a whole number"),
        ({"top_p": 1.5}, "top_p: expected a number above 0, at most 1, got 1.5"),
        ({"pose_guidance": "x"}, "pose_guidance: expected a number"),
        ({"step": 3}, "motion: unknown: step"),
    ],
)
def test_a_wrong_setting_is_named(file: Path, config: dict[str, object], message: str) -> None:
    with pytest.raises(ActorError, match=message):
        SoundToMotion.load(config, file)


@pytest.mark.parametrize(
    "name",
    [
        "face.final_layer.bias",
        "pose.null_pose_embed",
        "codebooks.quantizer.layers.0._codebook.embed",
        "stats.audio_mean",
        "guide.seqTransDecoder.stack.5.film3.block.1.weight",
    ],
)
def test_a_missing_tensor_is_named(file: Path, tmp_path: Path, name: str) -> None:
    tensors = load_file(file)
    del tensors[name]
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(ActorError, match=name.replace(".", r"\.")):
        SoundToMotion.load({}, tmp_path / "a.safetensors")


@pytest.mark.parametrize("damage", ["cut", "empty", "not finite", "another"])
def test_a_damaged_file_is_an_error_of_one_line(file: Path, tmp_path: Path, damage: str) -> None:
    bad = tmp_path / "a.safetensors"
    data = file.read_bytes()
    if damage in ("cut", "empty"):
        bad.write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    else:
        tensors = load_file(file)
        tensors["face.final_layer.bias"][3] = torch.nan
        save_file(tensors if damage == "not finite" else {"a": torch.zeros(2)}, bad)
    with pytest.raises(ActorError) as error:
        SoundToMotion.load({}, bad)
    assert str(bad) in str(error.value) and "\n" not in str(error.value)
