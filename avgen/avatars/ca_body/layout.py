"""What the file of a codec avatar holds: counts read from its shapes, and a network that is filled by it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from avgen.avatars.ca_body.network import CodecBody, Counts
from avgen.avatars.ca_body.sizes import Sizes
from avgen.errors import ActorError

_COUNTS = {
    "vertices": ("lbs_fn.lbs_template_verts", 0),
    "faces": ("geo_fn.vi", 0),
    "places": ("geo_fn.vt", 0),
    "most": ("geo_fn.v2uv", 1),
    "joints": ("lbs_fn.joint_offset", 0),
    "scales": ("lbs_fn.lbs_scale", 0),
    "seams": ("seam_sampler.dst_ij", 0),
    "fine_seams": ("seam_sampler_2k.dst_ij", 0),
}
"""Which axis of which tensor tells each count."""


def read_counts(tensors: Mapping[str, Tensor], where: str) -> Counts:
    """Counts of an actor, from the shapes of its tensors.

    Raises:
        ActorError: naming a tensor that is missing.
    """
    found = {}
    for count, (name, axis) in _COUNTS.items():
        if name not in tensors or tensors[name].ndim <= axis:
            raise ActorError(f"{where}: {name} is missing, which a codec avatar needs.")
        found[count] = tensors[name].shape[axis]
    shadow = any(name.startswith("pose_to_shadow.") for name in tensors)
    return Counts(**found, shadow=shadow, fine_std="tex_std" in tensors and tensors["tex_std"].numel() > 1)


def empty(sizes: Sizes, counts: Counts) -> CodecBody:
    """Make a network without values, which takes no memory."""
    with torch.device("meta"):
        return CodecBody(sizes, counts)


def build(sizes: Sizes, tensors: Mapping[str, Tensor], where: str) -> CodecBody:
    """Network of an actor's tensors, which it takes as they are.

    Raises:
        ActorError: naming the first that is missing, unknown, of another shape or kind, or not finite.
    """
    network = empty(sizes, read_counts(tensors, where))
    wanted = network.state_dict()
    for name in {**wanted, **tensors}:
        if name not in tensors:
            raise ActorError(f"{where}: {name} is missing.")
        if name not in wanted:
            raise ActorError(f"{where}: {name}: a codec avatar has no such tensor.")
        check_tensor(tensors[name], wanted[name], f"{where}: {name}")
    network.load_state_dict(dict(tensors), assign=True)
    return network


def check_tensor(value: Tensor, wanted: Tensor, where: str) -> None:
    """Refuse a tensor of another shape or kind than one that is wanted, or with numbers that are not finite.

    Raises:
        ActorError: saying where, and what was expected.
    """
    if value.shape != wanted.shape or value.dtype != wanted.dtype:
        expected, got = (f"{list(one.shape)} of {one.dtype}" for one in (wanted, value))
        raise ActorError(f"{where}: expected {expected}, got {got}.".replace("torch.", ""))
    if value.is_floating_point() and not torch.isfinite(value).all():
        raise ActorError(f"{where}: expected finite numbers, got NaN or infinity.")


def check_indices(network: CodecBody, where: str) -> None:
    """Refuse indices that point beyond what they count.

    Raises:
        ActorError: naming the tensor, and what was expected.
    """
    surface, skeleton = network.geo_fn, network.lbs_fn
    side = network.sizes.uv
    limits = {
        "geo_fn.vi": (surface.vi, 0, len(surface.v2uv)),
        "geo_fn.vti": (surface.vti, 0, len(surface.vt)),
        "geo_fn.v2uv": (surface.v2uv, -1, len(surface.vt)),
        "lbs_fn.skin_indices": (skeleton.skin_indices, 0, len(skeleton.joint_offset)),
    }
    for name, sampler, most in (("", network.seam_sampler, side), ("_2k", network.seam_sampler_2k, 2 * side)):
        limits[f"seam_sampler{name}.dst_ij"] = (sampler.dst_ij, 0, most)
        limits[f"seam_sampler{name}.src_ij"] = (sampler.src_ij, 0, most)
    for name, (value, least, end) in limits.items():
        if value.numel() and (int(value.min()) < least or int(value.max()) >= end):
            raise ActorError(
                f"{where}: {name}: expected numbers from {least} to {end - 1}, got {int(value.min())} to "
                f"{int(value.max())}."
            )
    parents = skeleton.joint_parents[:, 0].tolist()
    if any(not -1 <= parent < joint for joint, parent in enumerate(parents)):
        raise ActorError(f"{where}: lbs_fn.joint_parents: expected every parent before its children.")
