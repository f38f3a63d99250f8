"""Losses of the joint flow."""

from __future__ import annotations

import pytest
import torch

from avgen.flow.losses import PAPER_WEIGHTS, flow_losses, weighted

TRACKS = {"mel": 80, "face": 5, "head_latent": 8}


def test_weights_are_the_papers_and_one_for_other_tracks() -> None:
    assert PAPER_WEIGHTS == {"mel": 3.0, "face": 1.0, "head_latent": 0.2}
    one = torch.tensor(1.0)
    assert weighted(dict.fromkeys(TRACKS, one), PAPER_WEIGHTS).item() == pytest.approx(4.2)
    assert weighted({"mel": one, "body": one}, PAPER_WEIGHTS).item() == pytest.approx(4.0)


def test_loss_is_zero_only_for_the_true_velocity() -> None:
    x_0, x_1 = torch.randn(1, 9, 93), torch.randn(1, 9, 93)
    t, tokens = torch.tensor([0.4]), torch.zeros(1, 9, 7)
    parts = flow_losses(lambda *_: x_1 - x_0, TRACKS, x_1, tokens, x_0, t)
    assert max(part.item() for part in parts.values()) < 1e-5
    parts = flow_losses(lambda *_: x_1 - x_0 + 0.5, TRACKS, x_1, tokens, x_0, t)
    found = {name: part.item() for name, part in parts.items()}
    assert found == pytest.approx({"mel": 0.5, "face": 0.25, "head_latent": 0.25}, abs=1e-4)
