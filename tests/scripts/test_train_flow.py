"""Training the joint flow: what starts anew, and what stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from avgen.flow.avflow import AVFlow, AVFlowConfig, flow_loss  # noqa: E402
from avgen.flow.dit import DiTConfig  # noqa: E402
from scripts.train.train_flow import adopt, drop, keep_voice  # noqa: E402

SHAPE = DiTConfig(num_blocks=2, width=16, hidden=24, num_heads=2)
CONFIG = AVFlowConfig(num_labels=5, face_channels=3, audio=SHAPE, visual=SHAPE)


def test_keeping_the_voice_trains_the_motion_only() -> None:
    torch.manual_seed(0)
    model = AVFlow(CONFIG)
    keep_voice(model)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimiser = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)
    x_0, x_1, tokens = torch.randn(2, 7, 91), torch.randn(2, 7, 91), torch.rand(2, 7, 5)
    for _ in range(2):
        optimiser.zero_grad()
        torch.stack(flow_loss(model, model.channels, x_1, tokens, x_0, torch.rand(2))).sum().backward()
        optimiser.step()
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert all(name.startswith("visual.") or ".to_visual." in name for name in changed)
    assert {"visual.head.weight", "visual.embed.weight", "highways.0.to_visual.weight"} <= changed


def test_another_face_code_renews_the_layers_that_read_and_write_it() -> None:
    model, donor = AVFlow(CONFIG), AVFlow(replace(CONFIG, face_channels=4))
    fresh = model.visual.embed.weight.clone()
    adopt(model, donor.state_dict())
    assert torch.equal(model.visual.embed.weight, fresh)
    assert torch.equal(model.visual.blocks[1].up.weight, donor.visual.blocks[1].up.weight)
    adopt(model, AVFlow(CONFIG).state_dict())
    assert not torch.equal(model.visual.embed.weight, fresh)


def test_new_conditions_begin_without_effect() -> None:
    torch.manual_seed(0)
    donor, model = AVFlow(CONFIG), AVFlow(replace(CONFIG, emotion_channels=2))
    adopt(model, donor.state_dict())
    x_t, t, tokens = torch.randn(1, 9, 91), torch.tensor([0.4]), torch.rand(1, 9, 5)
    assert torch.equal(model(x_t, t, model.conditions(tokens)), donor(x_t, t, tokens))


def test_everything_or_the_emotion_alone_is_withheld() -> None:
    torch.manual_seed(0)
    config = replace(CONFIG, emotion_channels=2)
    kept = drop(torch.ones(4000, 3, config.num_conditions), config.num_labels)
    assert (kept == kept[:, :1]).all()
    nothing, neutral = kept[:, 0].sum(1) == 0, kept[:, 0].sum(1) == config.num_conditions - 3
    assert nothing.float().mean() == pytest.approx(0.06, abs=0.015)
    assert neutral.float().mean() == pytest.approx(0.08, abs=0.015)
    assert (kept[neutral][..., 5:] == 0).all()
    assert (kept[~nothing & ~neutral] == 1).all()
