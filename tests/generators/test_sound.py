"""What is heard, against sums written out."""

from __future__ import annotations

import numpy as np
import torch

from avgen.generators.sound import KERNELS, Features, VQWav2Vec, Wav2Vec
from tests.generators.test_layers import filled

STRIDES = (5, 4, 2, 2, 2, 1, 1, 1)


def plain(features: Features, samples: np.ndarray) -> np.ndarray:
    """Features [width, M] of samples [S], one output at a time."""
    x = samples[None]
    for (conv, _, norm, activation), stride in zip(features.conv_layers, STRIDES, strict=False):
        weights = conv.weight.detach().numpy()
        size = weights.shape[2]
        count = (x.shape[1] - size) // stride + 1
        pieces = [x[:, stride * k : stride * k + size] for k in range(count)]
        y = np.stack([np.einsum("oik,ik->o", weights, piece) for piece in pieces], 1)
        y = (y - y.mean()) / np.sqrt(y.var() + 1e-5)
        y = y * norm.weight.detach().numpy()[:, None] + norm.bias.detach().numpy()[:, None]
        x = activation(torch.from_numpy(y)).numpy()
    return x if features.quantised else np.log(np.abs(x) + 1)


def test_features_are_those_of_plain_convolutions() -> None:
    samples = np.random.default_rng(0).standard_normal(1200).astype(np.float32)
    for count, quantised in ((8, True), (7, False)):
        features = filled(Features(6, count, quantised))
        assert isinstance(features, Features)
        with torch.inference_mode():
            found = features(torch.from_numpy(samples)[None])[0].numpy()
        assert np.allclose(found, plain(features, samples), atol=1e-4)


def test_twenty_seconds_are_1998_tokens_of_both_channels() -> None:
    samples = 320_000
    for kernel, stride in zip(KERNELS, STRIDES, strict=True):
        samples = (samples - kernel) // stride + 1
    assert samples == 1998
    ear = filled(VQWav2Vec(2))
    with torch.inference_mode():
        found = ear(torch.randn(2, 16_000))
        other = ear(torch.stack([torch.randn(16_000), torch.zeros(16_000)]))
    assert found.shape == (98, 4) and not torch.allclose(found[:, 2:], other[:, 2:])


def test_the_aggregator_looks_back_alone() -> None:
    ear = filled(Wav2Vec(4))
    assert isinstance(ear, Wav2Vec)
    x = torch.randn(1, 4, 120)
    later = x.clone()
    later[:, :, 100] += 1
    with torch.inference_mode():
        layer = ear.feature_aggregator.conv_layers[3]
        before, after = (torch.nn.Sequential(layer[0], layer[1])(y) for y in (x, later))
    moved = (before - after).abs().sum((0, 1)).nonzero().flatten()
    assert moved.min() == 100 and moved.max() == 104
