"""Codec avatars of random weights: small ones, of the published layout."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from avgen.avatars.ca_body.layout import empty
from avgen.avatars.ca_body.network import Counts
from avgen.avatars.ca_body.sizes import Sizes
from avgen.released.audio2photoreal import GENERATORS, MOTION_FILE, find_files, motion_items
from avgen.released.generators import Widths
from avgen.released.writing import write_items

SIZES = Sizes(uv=128, face_vertices=20, embedding=32)
_BONES = ("joint_parents", "joint_rotation", "joint_offset", "skin_weights", "skin_indices")
_PARAMETERS = ("transform", "transform_offsets")
PUBLISHED = {
    **{f"lbs_fn.{name}": f"lbs_fn.lbs_fn.{name}" for name in _BONES},
    **{f"lbs_fn.{name}": f"lbs_fn.lbs_fn.param_transform.{name}" for name in _PARAMETERS},
}
WIDTHS = Widths(
    audio=8, face=8, pose=8, guide=8, hidden=8, codes=8, code=4, tokens=398, keyframes=4, positions=120
)
GRID = 9
"""Vertices along each side of the sheet that stands for a body."""


def sheet() -> dict[str, Tensor]:
    """A curved sheet of 9 by 9 vertices, 1.6 by 1.2 m, on a map with a seam in its middle column."""
    rows, columns = np.mgrid[0:GRID, 0:GRID]
    x, y = columns / (GRID - 1) - 0.5, rows / (GRID - 1)
    vertices = np.stack([1.2 * x, 1.7 - 1.6 * y, 0.2 * np.cos(2 * x)], -1).reshape(-1, 3)
    vt = np.stack([0.1 + 0.8 * (x + 0.5), 0.1 + 0.8 * y], -1).reshape(-1, 2)
    middle = GRID // 2 + GRID * np.arange(GRID)
    vt = np.concatenate([vt, vt[middle]])
    corner = (np.arange(GRID - 1)[:, None] * GRID + np.arange(GRID - 1)).reshape(-1)
    vi = np.concatenate(
        [
            np.stack([corner, corner + GRID, corner + 1], 1),
            np.stack([corner + 1, corner + GRID, corner + GRID + 1], 1),
        ]
    )
    v2uv = np.stack([np.arange(GRID**2), np.full(GRID**2, -1)], 1)
    v2uv[middle, 1] = GRID**2 + np.arange(GRID)
    vti = vi.copy()
    right = (corner % GRID >= GRID // 2).repeat(2).reshape(-1, 2).T.reshape(-1)
    for k, vertex in enumerate(middle):
        vti[(vi == vertex) & right[:, None]] = GRID**2 + k
    return {
        "geo_fn.vi": torch.from_numpy(vi),
        "geo_fn.vt": torch.from_numpy(vt).float(),
        "geo_fn.vti": torch.from_numpy(vti),
        "geo_fn.v2uv": torch.from_numpy(v2uv),
        "lbs_fn.lbs_template_verts": torch.from_numpy(vertices).float(),
    }


def skeleton(scales: int, pose: int, rng: np.random.Generator) -> dict[str, Tensor]:
    """Four joints on one another, moved by the first parameters; vertices hang on two of them."""
    joints, vertices = 4, GRID**2
    turned = rng.normal(0, 0.2, (joints, 4)) + np.array([0, 0, 0, 1])
    transform = np.zeros((7 * joints, pose + scales))
    transform[:6, :6] = np.eye(6)
    for joint in range(1, joints):
        transform[7 * joint + 3 : 7 * joint + 6, 6 + 3 * joint : 9 + 3 * joint] = np.eye(3)
    transform[6::7, pose:] = rng.normal(0, 0.1, (joints, scales))
    share = rng.uniform(0, 1, vertices)
    weights, indices = np.zeros((vertices, 8)), np.zeros((vertices, 8), np.int64)
    weights[:, 0], weights[:, 1], indices[:, 1] = share, 1 - share, rng.integers(1, joints, vertices)
    return {
        "lbs_fn.joint_parents": torch.tensor([[-1], [0], [1], [1]]),
        "lbs_fn.joint_rotation": torch.from_numpy(turned / np.linalg.norm(turned, axis=1)[:, None]).float(),
        "lbs_fn.joint_offset": torch.from_numpy(rng.normal(0, 0.3, (joints, 3))).float(),
        "lbs_fn.transform": torch.from_numpy(transform).float(),
        "lbs_fn.transform_offsets": torch.zeros(1, 7 * joints),
        "lbs_fn.skin_weights": torch.from_numpy(weights).float(),
        "lbs_fn.skin_indices": torch.from_numpy(indices),
        "lbs_fn.lbs_scale": torch.from_numpy(rng.normal(0, 0.1, scales)).float(),
        "lbs_fn.global_scaling": torch.ones(3),
    }


def seams(name: str, side: int, count: int, rng: np.random.Generator) -> dict[str, Tensor]:
    """Random texels that copy others, and a smooth shift of those near a column."""
    places = rng.permutation(side * side)[: 2 * count].reshape(2, count)
    ij = np.stack([places // side, places % side], -1)
    line = np.linspace(-1, 1, side)
    uvs = np.stack(np.meshgrid(line, line), -1) * 0.98
    weights = np.zeros((side, side))
    weights[:, side // 2 - 2 : side // 2 + 2] = 0.5
    return {
        f"{name}.dst_ij": torch.from_numpy(ij[0]),
        f"{name}.src_ij": torch.from_numpy(ij[1]),
        f"{name}.uvs": torch.from_numpy(uvs).float(),
        f"{name}.weights": torch.from_numpy(weights).float(),
    }


def body_tensors(*, shadow: bool = True, sizes: Sizes = SIZES) -> dict[str, Tensor]:
    """Everything that a codec avatar's file holds, random but for what has to make sense."""
    return dict(_body_tensors(shadow, sizes))


@lru_cache(maxsize=2)
def _body_tensors(shadow: bool, sizes: Sizes, seed: int = 0) -> dict[str, Tensor]:
    rng = np.random.default_rng(seed)
    surface, bones = sheet(), skeleton(3, sizes.pose, rng)
    fixed = {**surface, **bones}
    fixed |= seams("seam_sampler", sizes.uv, 20, rng) | seams("seam_sampler_2k", 2 * sizes.uv, 30, rng)
    fixed["tex_std"] = torch.full((1, 1, 1, 1), 64.0)
    fixed["world"] = torch.eye(3, 4)
    lengths = [len(surface[name]) for name in ("lbs_fn.lbs_template_verts", "geo_fn.vi", "geo_fn.vt")]
    counts = Counts(*lengths, most=2, joints=4, scales=3, seams=20, fine_seams=30, shadow=shadow)
    noise = torch.Generator().manual_seed(seed)
    wanted = empty(sizes, counts).state_dict()
    return {name: fixed[name] if name in fixed else _random(name, wanted[name], noise) for name in wanted}


def published(tensors: dict[str, Tensor], seed: int = 1) -> dict[str, Tensor]:
    """The checkpoint that such a file comes from, as far as drawing needs it."""
    noise = torch.Generator().manual_seed(seed)
    state = {}
    for name, value in tensors.items():
        if name in ("tex_std", "world"):
            continue
        if not name.endswith(".weight"):
            state[PUBLISHED.get(name, name)] = value
            continue
        axis = 1 if re.search(r"\.up\d\.|texmod\.|pose_to_shadow\.conv_block", name) else 0
        gain = [side if k == axis else 1 for k, side in enumerate(value.shape)]
        state[f"{name}_g"] = 1 + torch.rand(gain, generator=noise)
        state[f"{name}_v"] = 3 * value
    return state


def write_release(folder: Path, identity: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Files of a person as they are released; returns the checkpoint's tensors."""
    body = folder / "checkpoints/ca_body/data" / identity
    body.mkdir(parents=True)
    state = published(tensors)
    side = tensors["decoder.body_cond_mask"].shape[-1]
    assets = {
        "head_cond_mask": np.zeros((side, side), np.float32),
        "topology": {"vi": state["geo_fn.vi"].int()},
    }
    torch.save({"model": state, "epoch": 3}, body / "body_dec.ckpt")
    torch.save(assets, body / "static_assets.pt")
    (body / "config.yml").write_text("model: {}\n")
    data = folder / "dataset" / identity
    data.mkdir(parents=True)
    counts = {"pose": 104, "code": 256, "audio": 2}
    stats = {
        f"{name}_{kind}": np.full(count, kind == "std", np.float32)
        for name, count in counts.items()
        for kind in ("mean", "std")
    }
    torch.save({**stats, "audio_std_flat": np.float32(0.0137)}, data / "data_stats.pth")
    return state


def write_generators(folder: Path, widths: Widths = WIDTHS, convolutions: int = 3) -> None:
    """The networks that move a person, of random weights, where they are released."""
    noise = torch.Generator().manual_seed(0)
    names = (f"pre_audio.{3 * k}.weight" for k in range(convolutions))
    deep = {name: torch.zeros(0) for name in names}
    for one in GENERATORS:
        state = {name: _weights(name, shape, noise) for name, shape in one.shapes(deep, widths).items()}
        file = folder / "checkpoints" / one.folders / one.name
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.save({one.key: state, "steps": 10} if one.key else state, file)


def motion_file(folder: Path) -> Path:
    """The file of an actor's motion, of the same networks."""
    write_release(folder, "PXB184", body_tensors())
    write_generators(folder)
    found = find_files(folder, "PXB184", lambda _: None)
    file = folder / MOTION_FILE
    write_items(file, motion_items(found, WIDTHS), "a test")
    return file


def _weights(name: str, shape: tuple[int, ...], noise: torch.Generator) -> Tensor:
    """Random values of a generator's tensor, which keep the size of what passes through."""
    if name.endswith("freqs"):
        return 10_000 ** (-torch.arange(shape[0]) / shape[0])
    if re.search(r"norm\w*\.weight|conv_layers\.\d+\.[23]\.weight|non_attn_cond_projection\.0\.weight", name):
        return torch.ones(shape)
    value = torch.randn(shape, generator=noise)
    return value / max(value[0].numel(), 1) ** 0.5 if len(shape) > 1 else 0.02 * value


def _random(name: str, wanted: Tensor, noise: torch.Generator) -> Tensor:
    if name.endswith("mask"):
        return (torch.rand(wanted.shape, generator=noise) > 0.3).to(wanted.dtype)
    value = torch.randn(wanted.shape, generator=noise)
    if name == "tex_mean":
        return value.mul_(10).add_(90)
    if name.endswith("weight"):
        return value.div_(max(wanted[0].numel(), 1) ** 0.5)
    return value.mul_(0.02)
