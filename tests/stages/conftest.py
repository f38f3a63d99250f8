"""A small network that speaks."""

from __future__ import annotations

import pytest
import torch

from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig
from avgen.text.labels import LABELS


@pytest.fixture(scope="module")
def model() -> TextToTokens:
    torch.manual_seed(0)
    network = TextToTokens(TextToTokensConfig(num_labels=len(LABELS), width=16, num_blocks=0)).eval()
    torch.nn.init.constant_(network.duration.bias, 2.0)
    return network
