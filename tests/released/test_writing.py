from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from avgen.errors import ActorError
from avgen.released.writing import Item, write_items


def test_files_are_read_back_by_safetensors(tmp_path: Path) -> None:
    values = {"b": torch.randn(3, 4), "a": torch.arange(5), "c": torch.tensor(2.0), "none": torch.zeros(0, 2)}
    items = {
        name: Item(tuple(value.shape), value.dtype, lambda value=value: value)  # type: ignore[misc]
        for name, value in values.items()
    }
    write_items(tmp_path / "a.safetensors", items, "a.pt")
    found = load_file(tmp_path / "a.safetensors")
    assert found.keys() == values.keys()
    assert all(torch.equal(found[name], value) for name, value in values.items())
    write_items(tmp_path / "b.safetensors", dict(reversed(items.items())), "a.pt")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_other_kinds_and_shapes_become_what_was_promised(tmp_path: Path) -> None:
    write_items(
        tmp_path / "a", {"a": Item((1, 2), torch.float32, lambda: torch.tensor([1, 2]).half())}, "a.pt"
    )
    assert torch.equal(load_file(tmp_path / "a")["a"], torch.tensor([[1.0, 2.0]]))


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ActorError, match=r"a\.pt: a: expected finite numbers"):
        write_items(
            tmp_path / "a", {"a": Item((1,), torch.float32, lambda: torch.tensor([torch.inf]))}, "a.pt"
        )
