"""Warm starts of flows that are told or make more than the one whose weights they take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from avgen.flow.avflow import AVFlow
from avgen.flow.config import AVFlowConfig, Condition
from avgen.flow.dit import DiTConfig, Window
from avgen.flow.widen import widen
from avgen.types import FloatArray

SHAPE = DiTConfig(2, 16, 24, 2, Window(3, 2))
CONDITIONS = {"tokens": Condition(5, flag=False), "emotion": Condition(2)}
TRACKS = {"mel": 6, "face": 3, "head_latent": 2}
OLD = AVFlowConfig(CONDITIONS, TRACKS, audio=SHAPE, visual=SHAPE)


def trained() -> AVFlow:
    """A flow whose every weight matters."""
    torch.manual_seed(0)
    model = AVFlow(OLD)
    for tensor in model.state_dict().values():
        tensor.add_(0.1 * torch.randn_like(tensor))
    return model.eval()


def widened(donor: AVFlow, config: AVFlowConfig, *forget: str) -> AVFlow:
    model = AVFlow(config)
    model.load_state_dict(widen(donor.state_dict(), OLD, config, forget))
    return model.eval()


def given(num_frames: int = 9) -> dict[str, FloatArray]:
    rng = np.random.default_rng(0)
    return {
        name: rng.normal(size=(num_frames, condition.channels)).astype(np.float32)
        for name, condition in CONDITIONS.items()
    }


def test_a_new_condition_that_is_absent_changes_nothing() -> None:
    donor = trained()
    for conditions in (
        {**CONDITIONS, "voice": Condition(4)},
        {"partner_tokens": Condition(5, flag=False), **CONDITIONS, "partner_face": Condition(3)},
        {"emotion": CONDITIONS["emotion"], "voice": Condition(1), "tokens": CONDITIONS["tokens"]},
    ):
        model = widened(donor, replace(OLD, conditions=conditions))
        a, b = (one.sample(given(), seed=1, num_steps=2) for one in (donor, model))
        for name in TRACKS:
            np.testing.assert_allclose(a[name], b[name], atol=1e-6)


def test_a_new_condition_has_no_effect_before_training_and_learns() -> None:
    model = widened(trained(), replace(OLD, conditions={**CONDITIONS, "voice": Condition(4)}))
    voice = np.ones((9, 4), np.float32)
    a, b = (model.sample(told, seed=1, num_steps=2) for told in (given(), {**given(), "voice": voice}))
    np.testing.assert_array_equal(a["face"], b["face"])
    told = model.conditions({"voice": torch.ones(1, 9, 4)})
    model(torch.randn(1, 9, 11), torch.tensor([0.5]), told).square().mean().backward()
    gradient = model.visual.embed.weight.grad
    assert gradient is not None and (gradient[:, -5:].abs().amax(0) > 0).all()


def test_a_new_track_leaves_the_others_as_they_were() -> None:
    donor, config = trained(), replace(OLD, tracks={"mel": 6, "body": 4, "face": 3, "head_latent": 2})
    model, x_t = widened(donor, config), torch.randn(1, 9, 15)
    told, t = donor.conditions({"tokens": torch.rand(1, 9, 5)}), torch.tensor([0.3])
    velocity = model(x_t, t, told)
    assert (velocity[..., 6:10] == 0).all()
    others = [*range(6), *range(10, 15)]
    torch.testing.assert_close(velocity[..., others], donor(x_t[..., others], t, told), atol=1e-6, rtol=0)
    assert torch.equal(model.gaze.least, donor.gaze.least)


def test_a_face_code_of_another_size_and_what_is_to_be_forgotten_begin_at_zero() -> None:
    donor = trained()
    model = widened(donor, replace(OLD, tracks={**TRACKS, "face": 4}), "head_latent")
    assert (model.visual.embed.weight[:, :6] == 0).all() and (model.visual.head.weight == 0).all()
    assert torch.equal(model.visual.embed.weight[:, 6:], donor.visual.embed.weight[:, 5:])
    assert torch.equal(model.visual.blocks[1].up.weight, donor.visual.blocks[1].up.weight)
    assert torch.equal(model.audio.head.weight, donor.audio.head.weight)
    assert (model.gaze.per_degree == 0).all() and model.gaze.least.shape == (4,)
