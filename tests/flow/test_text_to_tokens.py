"""Durations and logits of the text-to-tokens network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.flow.losses import duration_loss
from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig

CONFIG = TextToTokensConfig(num_labels=6, width=16, num_blocks=1)


def model(config: TextToTokensConfig = CONFIG) -> TextToTokens:
    torch.manual_seed(0)
    network = TextToTokens(config).eval()
    torch.nn.init.constant_(network.duration.bias, 2.0)
    return network


def test_repeating_gives_each_label_its_frames() -> None:
    logits = model().logits([2, 5, 1], np.array([3, 0, 2]), torch.Generator())
    assert logits.shape == (5, 6)
    assert logits.argmax(-1).tolist() == [2, 2, 2, 1, 1]


def test_durations_differ_between_seeds_and_agree_within_one() -> None:
    network, labels = model(), list(range(6)) * 4
    sample = [network.durations(labels, torch.Generator().manual_seed(s)).tolist() for s in (1, 1, 2)]
    assert sample[0] == sample[1] != sample[2]


def test_a_faster_speaking_rate_shortens_speech_in_proportion() -> None:
    network, labels = model(), list(range(6)) * 20
    slow, fast = (
        network.durations(labels, torch.Generator().manual_seed(1), speaking_rate=rate).sum()
        for rate in (1.0, 2.0)
    )
    assert slow / fast == pytest.approx(2.0, rel=0.02)


def test_the_flow_decoder_gives_logits_of_the_same_length() -> None:
    network = model(TextToTokensConfig(num_labels=6, width=16, num_blocks=1, decoder="flow"))
    frames = np.array([4, 3, 6])
    a, b = (network.logits([2, 5, 1], frames, torch.Generator().manual_seed(7)) for _ in range(2))
    assert a.shape == (13, 6)
    np.testing.assert_array_equal(a, b)


def test_duration_loss_is_least_at_the_true_mean_and_spread() -> None:
    frames, mask = torch.tensor([[4.0, 9.0]]), torch.ones(1, 2)
    truth = torch.log1p(frames)
    best = duration_loss(truth, torch.full((1, 2), -2.0), frames, mask)
    assert best < duration_loss(truth + 0.3, torch.full((1, 2), -2.0), frames, mask)
    assert best < duration_loss(truth, torch.zeros(1, 2), frames, mask)


def test_the_flow_decoder_needs_blocks() -> None:
    with pytest.raises(ValueError, match="num_blocks"):
        TextToTokensConfig(num_labels=6, num_blocks=0, decoder="flow")


class Straight(torch.nn.Module):
    """A flow that knows where it goes: to certainty of label 4, wherever it starts."""

    def forward(self, x_t: torch.Tensor, t: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        x_1 = 2 * torch.nn.functional.one_hot(torch.full(x_t.shape[:2], 4), 9).float() - 1
        return (x_1 - x_t) / (1 - t).clamp(min=1e-3)


def test_logits_of_another_set_are_generated_and_their_softmax_is_what_was_learnt() -> None:
    config = TextToTokensConfig(
        num_labels=6, width=16, num_blocks=1, decoder="flow", label_set="letters", num_outputs=9
    )
    network = model(config)
    assert network.label_set == "letters"
    frames = np.array([4, 3, 6])
    assert network.logits([2, 5, 1], frames, torch.Generator().manual_seed(7)).shape == (13, 9)
    network.flow = Straight()  # type: ignore[assignment]
    logits = network.logits([2, 5, 1], frames, torch.Generator().manual_seed(7))
    posteriors = torch.from_numpy(logits).softmax(-1)
    np.testing.assert_allclose(posteriors[:, 4], 1.0, atol=0.02)


def test_another_set_cannot_be_repeated_phonemes() -> None:
    with pytest.raises(ValueError, match="letters cannot be repeated phonemes"):
        TextToTokensConfig(num_labels=6, label_set="letters", num_outputs=9)
