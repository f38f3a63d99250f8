"""The released renderer of one person: its checkpoint and assets become the file of a codec avatar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from avgen.avatars.ca_body.layers import UntiedConvTranspose2d
from avgen.avatars.ca_body.layout import empty, read_counts
from avgen.avatars.ca_body.network import Counts
from avgen.avatars.ca_body.sizes import Sizes
from avgen.errors import ActorError
from avgen.released.placing import rest_world
from avgen.released.reading import look_up
from avgen.released.skeleton import BONES, PARAMETERS, skeleton_tensors
from avgen.released.writing import Item

ANY: Final = -1
"""A side of a shape that says nothing about others."""
TEX_STD: Final = 64.0
"""What one unit of the decoded texture is, of 255, where the assets have no `tex_var`."""
_PUBLISHED: Final = {
    **{
        f"lbs_fn.{name}": BONES + name
        for name in ("joint_parents", "joint_rotation", "joint_offset", "skin_weights", "skin_indices")
    },
    **{f"lbs_fn.{name}": PARAMETERS + name for name in ("transform", "transform_offsets")},
}
"""Names in a codec avatar's file, and in checkpoints where they differ."""
_ASSETS: Final = {
    **{f"geo_fn.{name}": ("topology", name) for name in ("vi", "vt", "vti", "v2uv")},
    **{f"seam_sampler.{name}": ("seam_data_1024", name) for name in ("dst_ij", "src_ij", "uvs", "weights")},
    **{
        f"seam_sampler_2k.{name}": ("seam_data_2048", name) for name in ("dst_ij", "src_ij", "uvs", "weights")
    },
    **{f"lbs_fn.{name}": (name,) for name in ("lbs_template_verts", "lbs_scale", "global_scaling")},
    "tex_mean": ("tex_mean",),
    "shadow_net.ao_mean": ("ao_mean",),
    "decoder.pose_cond_mask": ("pose_cond_mask",),
    "decoder.face_cond_mask": ("face_cond_mask",),
    "decoder_face.frontal_view": ("face_frontal_view",),
}
"""Where static_assets.pt has constants that a checkpoint may lack."""
_COPIES: Final = ("", "decoder.", "encoder.", "decoder_view.")
"""Parts of the checkpoint that hold the topology once more."""


def body_items(state: Mapping[str, Tensor], assets: Any, sizes: Sizes, path: Path) -> dict[str, Item]:
    """Tensors of a codec avatar's file, each made when it is written.

    Args:
        state: the checkpoint's tensors.
        assets: of static_assets.pt.
        sizes: of the networks.
        path: of the checkpoint, for messages.

    Raises:
        ActorError: naming a tensor that is missing, unknown, or of another shape.
    """
    state = {name: value for name, value in _modern(state)}
    constants = {**state, **_of_assets(state, assets, path.with_name("static_assets.pt"))}
    _needed(constants, f"{BONES}joint_offset", path)
    std = look_up(assets, "tex_var")
    told = {} if std is None else {"tex_std": std}
    counts = read_counts({**constants, **_renamed(constants), **told}, str(path))
    check_published(state, sizes, counts, path)
    wanted = empty(sizes, counts).state_dict()
    made = _made(constants, assets, sizes, path)
    items = {}
    for name, like in wanted.items():
        make = made.get(name) or _plain(constants, name, like, path)
        items[name] = Item(tuple(like.shape), like.dtype, make)
    return items


def published_shapes(sizes: Sizes, counts: Counts) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a checkpoint's tensors, those that drawing does not need included."""
    shapes: dict[str, tuple[int, ...]] = {}
    for shadow in (False, True):
        both = {field: getattr(counts, field) for field in Counts.__slots__} | {"shadow": shadow}
        for prefix, module in empty(sizes, Counts(**both)).named_modules():
            for name, value in module.state_dict(prefix=f"{prefix}." if prefix else "").items():
                if name.rpartition(".")[0] == prefix and name not in ("tex_std", "world"):
                    shapes |= _pair(module, _PUBLISHED.get(name, name), tuple(value.shape))
    return {**shapes, **_never_drawn(sizes, counts)}


def check_published(state: Mapping[str, Tensor], sizes: Sizes, counts: Counts, path: Path) -> None:
    """Refuse names and shapes that a checkpoint of this layout does not have.

    Raises:
        ActorError: naming the first.
    """
    shapes = published_shapes(sizes, counts)
    for name, value in state.items():
        if name not in shapes:
            if name.startswith("lbs_fn."):
                continue  # of another release of the skinning library, which nobody needs
            raise ActorError(f"{path}: {name}: unknown, the published layout has no such tensor.")
        fits = len(value.shape) == len(shapes[name]) and all(
            side in (ANY, found) for side, found in zip(shapes[name], value.shape, strict=True)
        )
        if not fits:
            expected = str(list(shapes[name])).replace(str(ANY), "any")
            raise ActorError(f"{path}: {name}: expected the shape {expected}, got {list(value.shape)}.")


def _pair(module: nn.Module, name: str, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """A tensor as checkpoints have it: weights as direction and one gain for every output."""
    if not name.endswith(".weight"):
        return {name: shape}
    axis = 1 if isinstance(module, UntiedConvTranspose2d) else 0
    gain = tuple(side if k == axis else 1 for k, side in enumerate(shape))
    return {f"{name}_v": shape, f"{name}_g": gain}


def _never_drawn(sizes: Sizes, counts: Counts) -> dict[str, tuple[int, ...]]:
    """Shapes of what only training or other cameras need, and of copies."""
    v, f, n, j = counts.vertices, counts.faces, counts.places, counts.joints
    uv, fine, half, side = sizes.uv, 2 * sizes.uv, sizes.uv // 2, sizes.body
    shapes: dict[str, tuple[int, ...]] = {
        "face_cond_mask": (1, 1, side, side),
        "meye_mask": (1, 1, fine, fine),
        "encoder.mask": (1, 1, half, half),
        "pixel_cal.bias": (ANY, 1, ANY, ANY),
        "learn_blur.weights_raw": (ANY, 3),
        "cal.holder.params": (ANY, 6),
        "renderer.image_size": (2,),
        f"{BONES}mesh_vertices": (v, 3),
        f"{BONES}mesh_normals": (v, 3),
        f"{BONES}mesh_faces": (f, 3),
        f"{BONES}mesh_texture_faces": (f, 3),
        f"{BONES}mesh_texture_coords": (n, 2),
        f"{BONES}bind_state": (1, j, 8),
        f"{BONES}rest_vertices": (v, 3),
        f"{BONES}joints_weights": (j, v),
        "decoder.seam_sampler.dst_ij": (counts.seams, 2),
        "decoder.seam_sampler.src_ij": (counts.seams, 2),
        "decoder.seam_sampler.uvs": (uv, uv, 2),
        "decoder.seam_sampler.weights": (uv, uv),
    }
    for part in _COPIES:
        shapes |= {
            f"{part}geo_fn.vi": (f, 3),
            f"{part}geo_fn.vt": (n, 2),
            f"{part}geo_fn.vti": (f, 3),
            f"{part}geo_fn.v2uv": (v, counts.most),
            f"{part}geo_fn.index_image": (uv, uv, 3),
            f"{part}geo_fn.bary_image": (uv, uv, 3),
            f"{part}geo_fn.face_index_image": (uv, uv),
        }
    for part, inputs, outputs in (
        ("encoder", ANY, sizes.embedding),
        ("encoder_face", ANY, sizes.face),
    ):
        shapes |= {
            f"{part}.logvar.bias": (outputs,),
            f"{part}.logvar.weight_g": (outputs, 1),
            f"{part}.logvar.weight_v": (outputs, inputs),
        }
    return shapes


def _modern(state: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yield tensors by present names: old checkpoints call a gain `g`, and its direction `weight`."""
    old = {name.removesuffix(".g") for name in state if name.endswith(".g")}
    for name, value in state.items():
        prefix, _, last = name.rpartition(".")
        yield (
            (f"{prefix}.weight_{'g' if last == 'g' else 'v'}", value)
            if (prefix in old and last in ("g", "weight"))
            else (name, value)
        )


def _of_assets(state: Mapping[str, Tensor], assets: Any, path: Path) -> dict[str, Tensor]:
    """Constants of static_assets.pt: those of skinning, and others that the checkpoint lacks."""
    has_skeleton = any(name.startswith(BONES) for name in state)
    found = {} if has_skeleton else skeleton_tensors(assets, path)
    for name, keys in _ASSETS.items():
        value = look_up(assets, *keys)
        if value is not None and (name.startswith("lbs_fn.") or name not in state):
            found[name] = value
    return found


def _renamed(constants: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: constants[theirs] for name, theirs in _PUBLISHED.items() if theirs in constants}


def _made(
    constants: Mapping[str, Tensor], assets: Any, sizes: Sizes, path: Path
) -> dict[str, Callable[[], Tensor]]:
    """What is not simply copied, by name."""
    head = look_up(assets, "head_cond_mask")
    if head is None or head.numel() != sizes.body**2:
        side = sizes.body
        raise ActorError(
            f"{path.with_name('static_assets.pt')}: head_cond_mask: expected {side} x {side} numbers."
        )
    rest = 1 - head.float().view(1, 1, sizes.body, sizes.body)
    made: dict[str, Callable[[], Tensor]] = {
        "decoder.body_cond_mask": lambda: rest,
        "decoder.pose_cond_mask": lambda: _needed(constants, "decoder.pose_cond_mask", path).float() * rest,
        "world": lambda: rest_world(constants),
    }
    std = look_up(assets, "tex_var")
    if std is not None and std.numel() not in (1, 3 * (2 * sizes.uv) ** 2):
        raise ActorError(f"{path.with_name('static_assets.pt')}: tex_var: got the shape {list(std.shape)}.")
    made["tex_std"] = lambda: torch.tensor(TEX_STD) if std is None else std
    for name in constants:
        if name.endswith(".weight_v"):
            made[name.removesuffix("_v")] = lambda name=name: folded(constants, name, path)  # type: ignore[misc]
    return made


def _plain(constants: Mapping[str, Tensor], name: str, like: Tensor, path: Path) -> Callable[[], Tensor]:
    value = _needed(constants, _PUBLISHED.get(name, name), path)
    if value.numel() != like.numel():
        raise ActorError(f"{path}: {name}: expected the shape {list(like.shape)}, got {list(value.shape)}.")
    return lambda: value


def _needed(constants: Mapping[str, Tensor], name: str, path: Path) -> Tensor:
    if name not in constants:
        what = "no lbs_model_json" if name.startswith(BONES) else "nothing that it could be made of"
        raise ActorError(f"{path}: {name} is missing, and static_assets.pt has {what}.")
    return constants[name]


def folded(state: Mapping[str, Tensor], name: str, path: Path) -> Tensor:
    """Plain weights g v / ||v|| of a weight-normalised pair.

    ||v|| is the norm of the whole tensor, unlike in PyTorch's own weight normalisation.

    Args:
        state: tensors by name.
        name: of the direction, ending in `weight_v`; the gain's ends in `weight_g`.
        path: of the checkpoint, for messages.

    Raises:
        ActorError: if there is no gain, or the direction is all zeros.
    """
    gain = _needed(state, name.removesuffix("v") + "g", path).float()
    direction = state[name].float()
    norm = torch.linalg.vector_norm(direction)
    if norm == 0:
        raise ActorError(f"{path}: {name} is all zeros, which has no direction.")
    plain: Tensor = gain * direction / norm
    return plain
