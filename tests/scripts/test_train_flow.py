"""Training the joint flow: what starts anew, and what stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from avgen.flow.avflow import AVFlow  # noqa: E402
from avgen.flow.config import AVFlowConfig, Condition  # noqa: E402
from avgen.flow.dit import DiTConfig  # noqa: E402
from avgen.flow.losses import flow_losses, weighted  # noqa: E402
from scripts.train.train_flow import FRESH_RATE, hastened, keep_voice, withhold  # noqa: E402

SHAPE = DiTConfig(num_blocks=2, width=16, hidden=24, num_heads=2)
TRACKS = {"mel": 80, "face": 3, "head_latent": 8}
CONFIG = AVFlowConfig({"tokens": Condition(5, flag=False)}, TRACKS, audio=SHAPE, visual=SHAPE)


def test_keeping_the_voice_trains_the_motion_only() -> None:
    torch.manual_seed(0)
    model = AVFlow(CONFIG)
    keep_voice(model)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimiser = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)
    x_0, x_1, tokens = torch.randn(2, 7, 91), torch.randn(2, 7, 91), torch.rand(2, 7, 5)
    for _ in range(2):
        optimiser.zero_grad()
        weighted(flow_losses(model, TRACKS, x_1, tokens, x_0, torch.rand(2)), {}).backward()
        optimiser.step()
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert all(name.startswith("visual.") or ".to_visual." in name for name in changed)
    assert {"visual.head.weight", "visual.embed.weight", "highways.0.to_visual.weight"} <= changed


def test_new_conditions_are_learnt_faster_and_nothing_else_is() -> None:
    conditions = {"tokens": Condition(5, flag=False), "partner_face": Condition(2), "voice": Condition(1)}
    model = AVFlow(replace(CONFIG, conditions=conditions))
    before = model.visual.embed.weight.detach().clone()
    with hastened(model, {"partner_face"}), torch.no_grad():
        model.visual.embed.weight.add_(0.01)
    moved = (model.visual.embed.weight.detach() - before)[0]
    assert moved[-5:-2].tolist() == pytest.approx([0.01 * FRESH_RATE] * 3, rel=1e-3)
    assert torch.cat([moved[:-5], moved[-2:]]).tolist() == pytest.approx([0.01] * (len(moved) - 3), rel=1e-3)


def test_a_partner_is_heard_or_seen_or_both() -> None:
    torch.manual_seed(0)
    conditions = {"partner_tokens": Condition(4, flag=False), "partner_face": Condition(2)}
    config = replace(CONFIG, conditions=conditions)
    kept = withhold(torch.ones(4000, 1, config.num_conditions), config.condition_columns)[:, 0]
    heard, seen = kept[:, 0] > 0, kept[:, 4] > 0
    assert (heard & seen).float().mean() == pytest.approx(0.94 * 0.6, abs=0.03)
    assert (heard & ~seen).float().mean() == pytest.approx(0.94 * 0.2, abs=0.03)
    assert (~heard & ~seen).float().mean() == pytest.approx(0.06, abs=0.02)


def test_any_subset_of_conditions_is_withheld_of_whole_crops() -> None:
    torch.manual_seed(0)
    conditions = {"tokens": Condition(5, flag=False), "emotion": Condition(2), "voice": Condition(1)}
    config = replace(CONFIG, conditions=conditions)
    kept = withhold(torch.ones(8000, 3, config.num_conditions), config.condition_columns)
    assert (kept == kept[:, :1]).all()
    present = torch.stack([kept[:, 0, part].amin(-1) for part in config.condition_columns.values()], dim=1)
    assert (present.sum(1) == torch.stack([kept[:, 0, 0], kept[:, 0, 5], kept[:, 0, 8]], 1).sum(1)).all()
    share = {
        tuple(row): (present == torch.tensor(row)).all(1).float().mean().item()
        for row in torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3).tolist()
    }
    assert share[0.0, 0.0, 0.0] == pytest.approx(0.06, abs=0.015)
    for alone in ((0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)):
        assert share[alone] == pytest.approx(0.94 * 0.08 * 0.92**2, abs=0.015)
    assert min(share.values()) > 0
