"""The transformer that hears lips, against torch's own layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from avgen.generators.lips import LipRegressor, Regression
from tests.generators.test_layers import filled


def renamed(state: dict[str, Tensor], crossed: bool) -> dict[str, Tensor]:
    """A layer's tensors by torch's names."""
    names = {"self_attn.self_attn": "self_attn", "cross_attn.cross_attn": "multihead_attn"}
    names |= {"feedforward.ff.0": "linear1", "feedforward.ff.3": "linear2"}
    found = {}
    for name, value in state.items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        found[name] = value
    assert crossed == any("multihead" in name for name in found)
    return found


@torch.inference_mode()
def test_it_is_torch_s_transformer_normalised_first() -> None:
    ours, heard = filled(Regression(16, 24, 30)), torch.randn(1, 20, 16)
    assert isinstance(ours, Regression)
    memory = heard + ours.cond_positional_encoding.pe[:20]
    options = {"dropout": 0.0, "batch_first": True, "norm_first": True}
    for layer in ours.transformer_encoder:
        plain = nn.TransformerEncoderLayer(16, 8, 24, **options)
        plain.load_state_dict(renamed(layer.state_dict(), crossed=False))
        memory = plain.eval()(memory)
    x = ours.target_positional_encoding.pe[None, :20]
    for layer in ours.transformer_decoder:
        crossed = nn.TransformerDecoderLayer(16, 8, 24, **options)
        crossed.load_state_dict(renamed(layer.state_dict(), crossed=True))
        x = crossed.eval()(x, memory)
    assert torch.allclose(ours(heard), x, atol=1e-5)


@torch.inference_mode()
def test_long_speech_is_heard_in_pieces() -> None:
    ours, samples = filled(LipRegressor(8, 8, 120)), torch.randn(16_000 * 5)
    whole = ours(samples, 150)
    assert whole.shape == (150, 3 * 338)
    assert torch.equal(whole[:120], ours(samples[: 16_000 * 4], 120))
