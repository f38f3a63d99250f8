"""wav2vec 2.0 of random weights, as torchaudio publishes it but for its sizes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchaudio.models import wav2vec2_model

from avgen.speech.wav2vec2 import Wav2Vec2Config

SIZES = Wav2Vec2Config(channels=8, width=32, num_blocks=2, num_heads=4, hidden=16)
OUTPUTS = 32
"""Of the published file: three more than are used."""


def published_model(sizes: Wav2Vec2Config = SIZES, outputs: int = OUTPUTS) -> nn.Module:
    """torchaudio's own, written from its documentation of `wav2vec2_base`."""
    torch.manual_seed(0)
    convolutions: list[Any] = [(10, 5)] + [(3, 2)] * 4 + [(2, 2)] * 2
    model = wav2vec2_model(
        *("group_norm", [(sizes.channels, *shape) for shape in convolutions], False, sizes.width, 0.1, 128),
        *(16, sizes.num_blocks, sizes.num_heads, 0.1, sizes.hidden, 0.0, 0.1, False, 0.05, outputs),
    )
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model.eval()


def published_state(model: nn.Module) -> dict[str, Tensor]:
    """Its tensors under the names of the published file."""
    return {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): value
        for name, value in model.state_dict().items()
    }


def write_published(path: Path, sizes: Wav2Vec2Config = SIZES) -> nn.Module:
    """Write the published file; returns the model."""
    model = published_model(sizes)
    torch.save(published_state(model), path)
    return model


def config_of(sha256: str, sizes: Wav2Vec2Config = SIZES) -> dict[str, Any]:
    """The extractor's configuration, as in actor.yaml."""
    return {**asdict(sizes), "source_sha256": sha256}
