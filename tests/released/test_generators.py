"""Checkpoints of what moves a person: every published name and shape, and no other."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
import torch

from avgen.errors import ActorError
from avgen.released import generators
from avgen.released.generators import Widths, generator_items

LIST = Path(__file__).parents[1] / "data/released/generators.txt"
KINDS: dict[str, tuple[Callable[..., generators.Shapes], int]] = {
    "face": (generators.face_shapes, 501),
    "pose": (generators.pose_shapes, 320),
    "guide": (generators.guide_shapes, 272),
    "codebooks": (generators.codebook_shapes, 38),
    "lips": (generators.lip_shapes, 172),
}


def listed(kind: str) -> dict[str, torch.Tensor]:
    """Tensors of one published checkpoint, without values."""
    section = LIST.read_text().split(f"[{kind}]\n")[1].partition("[")[0]
    found = {}
    for line in section.splitlines():
        name, shape = line.split()
        parts = [part.split(",") for part in name.replace("}", "{").split("{")]
        for spelled in product(*parts):
            found["".join(spelled)] = torch.empty([int(side) for side in shape.split("x")], device="meta")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_published_name_and_shape_is_known_and_no_other(kind: str) -> None:
    shapes, count = KINDS[kind]
    state = listed(kind)
    assert len(state) == count
    assert {name: tuple(value.shape) for name, value in state.items()} == shapes(state, Widths())
    items = generator_items(state, shapes(state, Widths()), Path("a.pt"))
    assert items.keys() < state.keys() or kind in ("lips", "codebooks")
    assert not any("embed_avg" in name or "vector_quantizer" in name for name in items)


@pytest.mark.parametrize("kind", KINDS)
def test_what_differs_is_refused_by_name(kind: str) -> None:
    shapes, _ = KINDS[kind]
    state = listed(kind)
    name = next(reversed(state))
    for changed in (
        {**state, name: torch.empty(1, 2, 3, 4, device="meta")},
        {**state, "surprise": state[name]},
        {key: value for key, value in state.items() if key != name},
    ):
        with pytest.raises(ActorError, match=rf"a\.pt: ({name}|surprise): expected .* got "):
            generator_items(changed, shapes(changed, Widths()), Path("a.pt"))


def test_a_guide_hears_as_deeply_as_its_checkpoint_says() -> None:
    state = listed("guide")
    for k in range(18, 36, 3):
        del state[f"pre_audio.{k}.weight"], state[f"pre_audio.{k}.bias"]
    for part in ("weight", "bias"):
        state[f"pre_audio.18.{part}"] = state.pop(f"pre_audio.36.{part}")
    assert len(generator_items(state, generators.guide_shapes(state, Widths()), Path("a.pt"))) > 100
