"""Putting weights into an actor folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from avgen.actors.actor import check_files, read_actor
from avgen.actors.packing import Weights, pack
from avgen.errors import ActorError, InputError
from avgen.files import sha256_file


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
    part = pack(actor, [Weights.parse(f"vocoder={file}")])["vocoder"]
    assert (actor / "vocoder.safetensors").read_bytes() == b"new"
    assert part["sha256"] == sha256_file(file) and part["config"] == {"blocks": 5}
    assert part["kind"] == "source_filter"


def test_another_kind_brings_its_own_configuration(actor: Path, tmp_path: Path) -> None:
    file = tmp_path / "bigvgan_generator.pt"
    torch.save({"generator": {"conv.weight": torch.ones(2, 3)}}, file)
    (tmp_path / "config.json").write_text(json.dumps({"upsample_initial_channel": 256}))
    before = (actor / "actor.yaml").read_text()
    part = pack(actor, [Weights.parse(f"vocoder:bigvgan={file}")])["vocoder"]
    assert yaml.safe_load((actor / "actor.yaml").read_text())["components"] == {"vocoder": part}
    assert part["kind"] == "bigvgan" and part["file"] == "vocoder.safetensors"
    assert torch.equal(load_file(actor / part["file"])["conv.weight"], torch.ones(2, 3))
    assert part["config"] == {"upsample_initial_channel": 256}
    (tmp_path / "config.json").unlink()
    (actor / "actor.yaml").write_text(before)
    assert pack(actor, [Weights.parse(f"vocoder:bigvgan={file}")])["vocoder"]["config"] == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vocoder=none.safetensors", "there is no such file"),
        ("voice={0}", "unknown slot 'voice'"),
        ("vocoder:none={0}", "unknown kind 'none'"),
        ("{0}", "expected SLOT=FILE or SLOT:KIND=FILE, got"),
    ],
)
def test_what_is_no_slot_kind_and_file_is_refused(actor: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Weights.parse(text.format(actor / "vocoder.safetensors"))


def test_a_packed_actor_is_whole(tiny: Path) -> None:
    folder = tiny / "home" / "actors" / "tiny"
    better = shutil.copyfile(folder / "flow.safetensors", tiny / "better.safetensors")
    better.write_bytes(better.read_bytes() + b" ")
    before = read_actor(folder)
    pack(folder, [Weights.parse(f"flow={better}")])
    after = read_actor(folder)
    check_files(after)
    assert {slot for slot in after.components if after.components[slot] != before.components[slot]} == {
        "flow"
    }
    assert after.cameras == before.cameras and list(after.components) == list(before.components)


def test_a_checkpoint_that_is_none_leaves_the_actor_as_it_was(actor: Path, tmp_path: Path) -> None:
    file = tmp_path / "bigvgan_generator.pt"
    file.write_bytes(b"nothing of the kind")
    before = (actor / "actor.yaml").read_bytes()
    with pytest.raises(ActorError, match=r"bigvgan_generator\.pt: cannot be read as a checkpoint"):
        pack(actor, [Weights.parse(f"vocoder:bigvgan={file}")])
    assert (actor / "vocoder.safetensors").read_bytes() == b"old"
    assert (actor / "actor.yaml").read_bytes() == before
    assert sorted(path.name for path in actor.iterdir()) == ["actor.yaml", "vocoder.safetensors"]


def test_a_file_that_is_gone_is_named(actor: Path) -> None:
    (actor / "vocoder.safetensors").unlink()
    with pytest.raises(
        ActorError, match=r"vocoder\.safetensors: the vocoder file cannot be read: No such file"
    ):
        pack(actor)


def test_the_script_packs(actor: Path) -> None:
    command = [sys.executable, "-m", "scripts.mira.pack_actor", str(actor)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert "flow              missing\n" in done.stdout
    digest = sha256_file(actor / "vocoder.safetensors")
    assert digest[:16] in done.stdout and digest in (actor / "actor.yaml").read_text()
    wrong = subprocess.run([*command, "voice=x"], cwd=root, capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "unknown slot 'voice'" in wrong.stderr
