"""Checkpoints of strangers: what is read of them, and that nothing in them runs."""

from __future__ import annotations

import argparse
import builtins
import collections
import io
import os
import pickle
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from avgen.errors import ActorError
from avgen.released.reading import Plain, look_up, read_checkpoint, tensors_in


class Harm:
    """Pickled as a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


HARMS = [
    (os.system, "touch {ran}"),
    (subprocess.Popen, ["touch", "{ran}"]),
    (subprocess.check_output, ["touch", "{ran}"]),
    (builtins.eval, "open('{ran}', 'w')"),
    (builtins.exec, "open('{ran}', 'w')"),
    (builtins.open, "{ran}", "w"),
    (os.mkdir, "{ran}"),
    (pickle.loads, pickle.dumps(Harm(os.mkdir, "{ran}"))),
    (np.load, "{ran}"),
    (torch.load, "{ran}"),
    (torch.hub.load, "some/where", "model"),
]


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm[0].__name__)
@pytest.mark.parametrize("form", ["zip", "pickle"])
def test_harmful_files_are_refused_and_nothing_runs(tmp_path: Path, harm: Any, form: str) -> None:
    ran, file = tmp_path / "ran", tmp_path / "body_dec.ckpt"
    function, *arguments = harm
    filled = [_filled(argument, str(ran)) for argument in arguments]
    value = {"model": {"a": torch.zeros(2)}, "b": Harm(function, *filled)}
    if form == "zip":
        torch.save(value, file)
    else:
        file.write_bytes(pickle.dumps({"b": Harm(function, *filled)}, protocol=2))
    with pytest.raises(ActorError) as error:
        read_checkpoint(file)
    assert not ran.exists()
    message = str(error.value)
    assert str(file) in message and "\n" not in message and "add_safe_globals" not in message


def _filled(argument: Any, path: str) -> Any:
    if isinstance(argument, list):
        return [_filled(item, path) for item in argument]
    if isinstance(argument, bytes):
        return argument.replace(b"{ran}", path.encode())
    return argument.replace("{ran}", path) if isinstance(argument, str) else argument


def test_numpy_and_settings_are_read_as_plain_values(tmp_path: Path) -> None:
    value = {
        "mean": np.arange(4, dtype=np.float32),
        "mask": np.eye(3) > 0,
        "std": np.float32(0.5),
        "args": argparse.Namespace(layers=8),
        "topology": collections.OrderedDict(vi=np.arange(6, dtype=np.int32).reshape(2, 3)),
        "tensor": torch.ones(2, dtype=torch.float16),
    }
    torch.save(value, tmp_path / "a.pth")
    found = read_checkpoint(tmp_path / "a.pth")
    assert isinstance(found["args"], Plain) and found["args"]["layers"] == 8
    for keys in (("mean",), ("mask",), ("std",), ("topology", "vi"), ("tensor",)):
        expected: Any = value
        for key in keys:
            expected = expected[key]
        assert torch.equal(look_up(found, *keys), torch.as_tensor(expected))  # type: ignore[arg-type]
    assert look_up(found, "topology", "vt") is None and look_up(found, "args") is None


def test_arrays_of_objects_are_refused(tmp_path: Path) -> None:
    torch.save({"a": np.array([{}, None], dtype=object)}, tmp_path / "a.pth")
    with pytest.raises(ActorError, match="refused, and nothing in it was run"):
        read_checkpoint(tmp_path / "a.pth")


def test_what_is_cut_or_changed_is_an_error_of_one_line(tmp_path: Path) -> None:
    whole, file = io.BytesIO(), tmp_path / "body_dec.ckpt"
    torch.save({"model": {"a": torch.arange(100.0), "b": np.arange(50)}}, whole)
    data, rng = whole.getvalue(), np.random.default_rng(0)
    for size in [0, 1, 4, 100, len(data) // 2, len(data) - 1]:
        file.write_bytes(data[:size])
        with pytest.raises(ActorError) as error:
            read_checkpoint(file)
        assert "\n" not in str(error.value)
    for _ in range(60):
        changed = bytearray(data)
        for place in rng.integers(0, len(data), 8):
            changed[place] = rng.integers(256)
        file.write_bytes(changed)
        try:
            read_checkpoint(file)
        except ActorError as found:
            assert "\n" not in str(found)


def test_only_named_tensors_are_a_state_dict(tmp_path: Path) -> None:
    file = tmp_path / "a.ckpt"
    state = {"a": torch.zeros(2)}
    assert tensors_in({"model": state}, file, "model") == state == tensors_in(state, file, "model")
    for wrong in ({}, [1], {"a": 1}, {1: torch.zeros(1)}, {"a": torch.eye(3).to_sparse()}):
        with pytest.raises(ActorError, match="expected"):
            tensors_in(wrong, file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ActorError, match=r"gone\.ckpt"):
        read_checkpoint(tmp_path / "gone.ckpt") if not zipfile.is_zipfile(tmp_path / "gone.ckpt") else None
