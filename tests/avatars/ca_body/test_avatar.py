"""The codec avatar as the pipeline has it: a file, a view, tracks, pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from avgen.avatars.ca_body.avatar import CodecAvatar
from avgen.avatars.views import View
from avgen.background import Background
from avgen.errors import ActorError
from tests.codec_bodies import SIZES, body_tensors

CONFIG = {"uv": SIZES.uv, "face_vertices": SIZES.face_vertices, "embedding": SIZES.embedding}
VIEW = View((0.0, 0.9, 0.0), 0.0, 0.0, 4.0, 40.0)


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    return body_tensors()


@pytest.fixture(scope="module")
def avatar(tensors: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory) -> CodecAvatar:
    file = tmp_path_factory.mktemp("body") / "avatar.safetensors"
    save_file(tensors, file)
    return CodecAvatar.load(CONFIG, file)


def tracks(frames: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    return {
        "face": rng.standard_normal((frames, SIZES.face)).astype(np.float32),
        "pose": (0.1 * rng.standard_normal((frames, SIZES.pose))).astype(np.float32),
    }


def test_frames_are_the_same_whatever_the_chunks(avatar: CodecAvatar) -> None:
    renderer = avatar.renderer("cpu", VIEW, (40, 56), Background())
    whole = renderer.render(tracks(3))
    assert whole.shape == (3, 56, 40, 3) and whole.dtype == np.uint8
    parts = [
        renderer.render({name: values[k : k + 1] for name, values in tracks(3).items()}) for k in range(3)
    ]
    assert np.array_equal(whole, np.concatenate(parts))
    assert len({frame.tobytes() for frame in whole}) == 3


def test_the_camera_moves_around_what_is_drawn(avatar: CodecAvatar) -> None:
    sizes = []
    for distance in (4.0, 8.0):
        view = View(VIEW.target, 0.0, 0.0, distance, 40.0)
        picture = avatar.renderer("cpu", view, (64, 64), Background("transparent")).render(tracks(1))
        sizes.append(float((picture[..., 3] > 0).sum()))
    assert 2.5 < sizes[0] / sizes[1] < 6


def test_each_device_has_its_own_network(avatar: CodecAvatar) -> None:
    avatar._networks["meta-like"] = avatar.network
    assert avatar.make_renderer("cpu", VIEW, (32, 32), Background()).network is avatar.network
    assert avatar.make_renderer("cpu:0", VIEW, (32, 32), Background()).network is not avatar.network


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("decoder.tex_conv.bias", None, "decoder.tex_conv.bias is missing"),
        ("geo_fn.vi", None, "geo_fn.vi is missing"),
        ("decoder.tex_conv.bias", lambda x: x[:2], "expected [3, 128, 128] of float32, got [2, 128, 128]"),
        ("geo_fn.vi", lambda x: x.float(), "of int64, got"),
        ("decoder.tex_conv.bias", lambda x: x / 0, "expected finite numbers"),
        ("geo_fn.vi", lambda x: x + 50, "geo_fn.vi: expected numbers from 0 to 80"),
        ("seam_sampler_2k.src_ij", lambda x: x - 400, "expected numbers from 0 to 255"),
        ("lbs_fn.joint_parents", lambda x: x.flip(0), "expected every parent before its children"),
    ],
)
def test_damaged_files_are_refused_by_name(
    tensors: dict[str, torch.Tensor], tmp_path: Path, name: str, change: object, words: str
) -> None:
    broken = dict(tensors)
    value = broken.pop(name)
    if callable(change):
        broken[name] = change(value).contiguous()
    save_file(broken, tmp_path / "avatar.safetensors")
    with pytest.raises(ActorError) as error:
        CodecAvatar.load(CONFIG, tmp_path / "avatar.safetensors")
    assert words in str(error.value) and str(tmp_path) in str(error.value) and "\n" not in str(error.value)


def test_a_file_with_more_than_that_is_refused(tensors: dict[str, torch.Tensor], tmp_path: Path) -> None:
    save_file({**tensors, "extra": torch.zeros(1)}, tmp_path / "avatar.safetensors")
    with pytest.raises(ActorError, match="extra: a codec avatar has no such tensor"):
        CodecAvatar.load(CONFIG, tmp_path / "avatar.safetensors")


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "avatar.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ActorError, match="cannot be read as safetensors"):
        CodecAvatar.load({}, tmp_path / "avatar.safetensors")
