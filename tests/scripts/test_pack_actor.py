"""Putting weights into an actor folder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from avgen.files import sha256_file
from scripts.mira.pack_actor import named_file, pack


@pytest.fixture
def actor(tmp_path: Path) -> Path:
    folder = tmp_path / "actor"
    folder.mkdir()
    (folder / "vocoder.safetensors").write_bytes(b"old")
    part = {"kind": "source_filter", "file": "vocoder.safetensors", "sha256": "", "config": {"blocks": 5}}
    (folder / "actor.yaml").write_text(yaml.safe_dump({"name": "a", "components": {"vocoder": part}}))
    return folder


def test_new_weights_keep_the_configuration(actor: Path, tmp_path: Path) -> None:
    file = tmp_path / "better.safetensors"
    file.write_bytes(b"new")
    part = pack(actor, [named_file(f"vocoder={file}")])["components"]["vocoder"]
    assert (actor / "vocoder.safetensors").read_bytes() == b"new"
    assert part["sha256"] == sha256_file(file) and part["config"] == {"blocks": 5}
    assert part["kind"] == "source_filter"


def test_another_kind_brings_its_own_configuration(actor: Path, tmp_path: Path) -> None:
    file = tmp_path / "bigvgan_generator.pt"
    torch.save({"generator": {"conv.weight": torch.ones(2, 3)}}, file)
    (tmp_path / "config.json").write_text(json.dumps({"upsample_initial_channel": 256}))
    part = pack(actor, [named_file(f"vocoder:bigvgan={file}")])["components"]["vocoder"]
    assert part["kind"] == "bigvgan" and part["file"] == "vocoder.safetensors"
    assert torch.equal(load_file(actor / part["file"])["conv.weight"], torch.ones(2, 3))
    assert part["config"] == {"upsample_initial_channel": 256}
    (tmp_path / "config.json").unlink()
    assert pack(actor, [named_file(f"vocoder:bigvgan={file}")])["components"]["vocoder"]["config"] == {}


@pytest.mark.parametrize("text", ["vocoder=none.safetensors", "voice={0}", "vocoder:none={0}", "{0}"])
def test_what_is_no_slot_kind_and_file_is_refused(actor: Path, text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="SLOT:KIND=FILE"):
        named_file(text.format(actor / "vocoder.safetensors"))
