"""Files of weights: whatever is wrong with one, the message names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from avgen.errors import ActorError
from avgen.flow.avflow import AVFlow
from avgen.flow.head_vae import HeadVAE
from avgen.flow.text_to_tokens import TextToTokens
from avgen.nn.weights import fill, read_weights
from avgen.speech.extractor import WhisperExtractor
from avgen.vocoders.bigvgan import BigVGAN
from avgen.vocoders.source_filter import SourceFilter

NETWORKS = {
    "text_to_tokens": TextToTokens,
    "extractor": WhisperExtractor,
    "flow": AVFlow,
    "head_vae": HeadVAE,
    "vocoder": SourceFilter,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.safetensors"
    save_file({"weight": torch.ones(3, 2), "bias": torch.zeros(3).half()}, path)
    return path


def test_weights_become_float32_and_fill_a_network(file: Path) -> None:
    network = fill(nn.Linear(2, 3), read_weights(file), file)
    assert network.bias.dtype == torch.float32 and not network.training
    assert torch.equal(network.weight, torch.ones(3, 2))


@pytest.mark.parametrize("content", [b"", b"not weights", None])
def test_a_file_that_holds_no_weights_is_named(file: Path, content: bytes | None) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:-4] if content is None else content)
    with pytest.raises(
        ActorError, match=r"a\.safetensors: cannot be read as safetensors .* Restore the file"
    ):
        read_weights(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ActorError, match=r"gone\.safetensors: cannot be read as safetensors"):
        read_weights(tmp_path / "gone.safetensors")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused(file: Path, value: float) -> None:
    save_file({"fine": torch.ones(2), "spoilt": torch.tensor([1.0, value]).half()}, file)
    with pytest.raises(ActorError, match=r"a\.safetensors: tensor spoilt has values that are not finite"):
        read_weights(file)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (nn.Linear(4, 3), r"as Linear: weight: expected \[3, 4\], got \[3, 2\]\."),
        (nn.Linear(2, 3, bias=False), r"as Linear: bias: expected no such tensor, got \[3\]\."),
        (nn.PReLU(), r"as PReLU: weight: expected \[1\], got \[3, 2\]\."),
        (nn.BatchNorm1d(3), r"as BatchNorm1d: weight: expected \[3\], got \[3, 2\]\."),
    ],
)
def test_weights_of_another_network_are_refused(file: Path, network: nn.Module, message: str) -> None:
    with pytest.raises(ActorError, match=r"a\.safetensors does not fit its configuration " + message):
        fill(network, read_weights(file), file)


@pytest.mark.parametrize("slot", NETWORKS)
def test_every_network_refuses_numbers_that_are_not_finite(tiny: Path, slot: str) -> None:
    from avgen.actors.actor import find_actor

    part = find_actor("tiny").components[slot]
    network = NETWORKS[slot]
    network.load(part.config, part.file)
    weights = read_weights(part.file)
    name = next(name for name, tensor in weights.items() if tensor.numel())
    weights[name].view(-1)[0] = torch.nan
    save_file(weights, part.file)
    with pytest.raises(ActorError, match=rf"{slot}\.safetensors: tensor {name} has values"):
        network.load(part.config, part.file)


def test_a_checkpoint_of_bigvgan_is_checked_alike(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        json.dumps(
            {
                "upsample_rates": [16, 16],
                "upsample_kernel_sizes": [32, 32],
                "upsample_initial_channel": 4,
                "resblock_kernel_sizes": [3],
                "resblock_dilation_sizes": [[1]],
            }
        )
    )
    file = tmp_path / "g.pt"
    torch.save({"generator": {"conv_pre.bias": torch.tensor([torch.nan])}}, file)
    with pytest.raises(ActorError, match=r"g\.pt: tensor conv_pre\.bias has values that are not finite"):
        BigVGAN.load({}, file)
