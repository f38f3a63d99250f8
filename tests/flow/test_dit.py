"""Windowed attention against a plain reference; reach of a transformer's window."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from avgen.flow.dit import DiTBlock, DiTConfig, Positions, Window, rotate, window_bias, windowed_attention


def reference(q: Tensor, k: Tensor, v: Tensor, window: Window) -> Tensor:
    """Dense attention with a mask, written out."""
    frame = torch.arange(q.shape[2])
    offset = frame[None] - frame[:, None]
    seen = (offset >= -window.past) & (offset <= window.future)
    score = (q @ k.transpose(-1, -2)) / q.shape[-1] ** 0.5
    return score.masked_fill(~seen, -torch.inf).softmax(-1) @ v


@pytest.mark.parametrize("num_frames", [1, 5, 63, 64, 65, 200])
@pytest.mark.parametrize("window", [Window(7, 2), Window(32, 32), Window(0, 0), Window(100, 3)])
def test_windowed_attention_equals_dense_masked_attention(num_frames: int, window: Window) -> None:
    q, k, v = torch.randn(3, 2, 4, num_frames, 8).unbind(0)
    bias = window_bias(num_frames, window, q.device)
    dense = reference(q, k, v, window).transpose(1, 2).flatten(2)
    assert torch.allclose(windowed_attention(q, k, v, window, bias), dense, atol=1e-5)


def test_the_papers_window_is_ten_frames_and_looks_two_ahead() -> None:
    bias = window_bias(100, DiTConfig().window, torch.device("cpu"))
    seen = bias[1, 0, 0].isfinite().nonzero().flatten() - DiTConfig().window.past
    assert seen.tolist() == list(range(-7, 3))


@pytest.mark.parametrize("window", [Window(7, 2), Window(3, 0)])
def test_a_block_depends_on_no_frame_outside_its_window(window: Window) -> None:
    config = DiTConfig(1, 16, 32, 2, window)
    block = DiTBlock(config).double()
    x = torch.randn(1, 40, 16, dtype=torch.float64, requires_grad=True)
    positions = Positions(*(part.double() for part in Positions.of(40, config, x.device)))
    block(x, torch.zeros(1, 6, 16, dtype=torch.float64), positions)[0, 20].sum().backward()
    assert x.grad is not None
    touched = x.grad[0].abs().sum(-1).nonzero().flatten()
    assert (touched.min().item(), touched.max().item()) == (20 - window.past, 20 + window.future)


def test_rotary_scores_depend_on_distance_only() -> None:
    cos, sin, _ = Positions.of(30, DiTConfig(1, 16, 32, 2), torch.device("cpu"))
    q, k = torch.randn(8), torch.randn(8)
    scores = [rotate(q, cos[i], sin[i]) @ rotate(k, cos[i + 5], sin[i + 5]) for i in (0, 7, 24)]
    assert torch.allclose(torch.stack(scores), scores[0].expand(3), atol=1e-5)


def test_impossible_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="num_heads"):
        DiTConfig(width=30, num_heads=4)
    with pytest.raises(ValueError, match="odd"):
        DiTConfig(conv_kernel=4)
    with pytest.raises(ValueError, match="negative"):
        Window(-1, 2)
