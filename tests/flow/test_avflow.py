"""The joint model: streams, streaming, highways, seeds, the paper's configuration."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from avgen.errors import StageError
from avgen.flow.avflow import AVFlow
from avgen.flow.branches import both
from avgen.flow.config import AVFlowConfig, Condition
from avgen.flow.dit import DiTConfig, Window
from avgen.flow.losses import PAPER_WEIGHTS, flow_losses, weighted
from avgen.flow.noise import Noise
from avgen.flow.solver import FittedSolver
from avgen.types import FloatArray

TOKENS, EMOTION = Condition(7, flag=False), Condition(3)
TRACKS = {"mel": 80, "face": 5, "head_latent": 8}
SMALL = AVFlowConfig(
    {"tokens": TOKENS},
    TRACKS,
    audio=DiTConfig(2, 16, 32, 2, Window(7, 2), conv_kernel=3),
    visual=DiTConfig(2, 24, 32, 2, Window(5, 4), conv_kernel=3),
)


def small(config: AVFlowConfig = SMALL) -> AVFlow:
    """A model whose every weight matters (zero initialisations replaced by noise)."""
    torch.manual_seed(0)
    model = AVFlow(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def spoken(num_frames: int) -> dict[str, FloatArray]:
    """Logits of random tokens, as `AVFlow.sample` takes them."""
    return {"tokens": np.random.default_rng(0).normal(size=(num_frames, 7)).astype(np.float32)}


def test_streaming_in_windows_equals_one_pass() -> None:
    model = small()
    whole = model.sample(spoken(301), seed=3, num_steps=2, chunk=10_000)
    for chunk in (32, 100):
        parts = model.sample(spoken(301), seed=3, num_steps=2, chunk=chunk)
        for name in TRACKS:
            np.testing.assert_allclose(whole[name], parts[name], atol=2e-5)


def test_only_the_noise_of_a_track_that_says_so_is_coloured() -> None:
    """A model without weights moves nothing, so that what it generates is its noise."""

    def generated(config: AVFlowConfig) -> dict[str, FloatArray]:
        model = small(config)
        for parameter in model.parameters():
            parameter.data.zero_()
        return model.sample(spoken(50), seed=3, num_steps=2)

    noise = Noise(slow=1.5, fast=0.5)
    a, b = generated(SMALL), generated(replace(SMALL, noise={"head_latent": noise}))
    for name in ("mel", "face"):
        np.testing.assert_allclose(b[name], a[name], atol=1e-5)
    expected = noise.coloured(torch.from_numpy(a["head_latent"])[None])[0]
    np.testing.assert_allclose(b["head_latent"], expected, atol=1e-5)
    assert np.abs(b["head_latent"] - a["head_latent"]).max() > 0.1


def test_a_halo_too_small_would_be_noticed() -> None:
    """The streaming test can fail: without halo the chunks differ from one pass."""
    model = small()
    x, t, tokens = torch.randn(1, 90, 93), torch.tensor([0.5]), torch.randn(1, 90, 7).softmax(-1)
    cut = torch.cat([model(x[:, :45], t, tokens[:, :45]), model(x[:, 45:], t, tokens[:, 45:])], dim=1)
    assert (cut - model(x, t, tokens)).abs().max() > 1e-3


def test_without_highways_the_modalities_are_independent() -> None:
    model = small(replace(SMALL, highways=False))
    x, t, tokens = torch.randn(1, 20, 93), torch.tensor([0.5]), torch.randn(1, 20, 7).softmax(-1)
    other = x.clone()
    other[..., 80:] = 0.0
    assert torch.equal(model(x, t, tokens)[..., :80], model(other, t, tokens)[..., :80])
    other = x.clone()
    other[..., :80] = 0.0
    assert torch.equal(model(x, t, tokens)[..., 80:], model(other, t, tokens)[..., 80:])


def test_highways_carry_sound_to_sight_and_back() -> None:
    model = small()
    x, t, tokens = torch.randn(1, 20, 93), torch.tensor([0.5]), torch.randn(1, 20, 7).softmax(-1)
    silent, still = x.clone(), x.clone()
    silent[..., :80] = 0.0
    still[..., 80:] = 0.0
    out = model(x, t, tokens)
    assert not torch.allclose(out[..., 80:], model(silent, t, tokens)[..., 80:], atol=1e-3)
    assert not torch.allclose(out[..., :80], model(still, t, tokens)[..., :80], atol=1e-3)


def test_a_seed_gives_the_same_codes_whatever_else_was_sampled() -> None:
    model = small()
    alone = model.sample(spoken(50), seed=11, num_steps=2)
    torch.manual_seed(99)
    model.sample(spoken(70), seed=5, num_steps=2)
    again = model.sample(spoken(50), seed=11, num_steps=2)
    other = model.sample(spoken(50), seed=12, num_steps=2)
    for name, track in alone.items():
        np.testing.assert_array_equal(track, again[name])
        assert np.abs(track - other[name]).max() > 0.1


def test_a_helper_changes_no_bit() -> None:
    model = small()
    x, t, tokens = torch.randn(1, 90, 80 + 5 + 8), torch.tensor([0.3]), torch.randn(1, 90, 7)
    with torch.inference_mode(), ThreadPoolExecutor(1) as helper:
        assert torch.equal(model(x, t, tokens, helper), model(x, t, tokens))


def test_an_error_of_the_helper_is_raised() -> None:
    def fail() -> Tensor:
        raise ValueError("nothing to see")

    with ThreadPoolExecutor(1) as helper, pytest.raises(ValueError, match="nothing to see"):
        both(lambda: torch.zeros(1), fail, helper)


def test_temperature_zero_is_the_same_for_every_seed() -> None:
    model = small()
    a, b = (model.sample(spoken(20), seed=s, num_steps=2, temperature=0.0)["face"] for s in (1, 2))
    np.testing.assert_array_equal(a, b)


def test_any_subset_of_conditions_is_told_apart() -> None:
    """Tokens, emotion, both, and an emotion of zeros, which says neutral instead of nothing."""
    model = small(replace(SMALL, conditions={"tokens": TOKENS, "emotion": EMOTION}))
    happy = np.tile(np.array([1.0, 0.0, 0.0], np.float32), (40, 1))
    said = spoken(40)
    subsets = (said, {"emotion": happy}, {**said, "emotion": happy}, {**said, "emotion": 0 * happy})
    faces = [model.sample(given, seed=1, num_steps=2)["face"] for given in subsets]
    for a, b in combinations(faces, 2):
        assert np.abs(a - b).max() > 1e-3


def test_what_is_absent_is_zero_and_what_is_present_flies_its_flag() -> None:
    model = small(replace(SMALL, conditions={"tokens": TOKENS, "emotion": EMOTION, "voice": Condition(2)}))
    joined = model.conditions({"voice": torch.full((1, 4, 2), 5.0), "tokens": torch.full((1, 4, 7), 3.0)})
    assert joined[0, 0].tolist() == [3.0] * 7 + [0.0] * 3 + [0.0] + [5.0] * 2 + [1.0]
    assert set(model.told) == {"tokens", "emotion", "voice"}


def test_a_condition_may_be_absent_for_a_while() -> None:
    model = small(replace(SMALL, conditions={"tokens": TOKENS, "emotion": EMOTION}))
    seen = torch.zeros(1, 3, 3)
    seen[0, 1, 2] = torch.nan
    joined = model.conditions({"tokens": torch.ones(1, 3, 7), "emotion": seen})
    assert joined[0, :, 7:].tolist() == [[0.0, 0.0, 0.0, 1.0], [0.0] * 4, [0.0, 0.0, 0.0, 1.0]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"voice": 2}, r"no condition voice of 2 channels; it has tokens \[7\], emotion \[3\]\."),
        ({"tokens": 8}, r"no condition tokens of 8 channels; it has tokens \[7\], emotion \[3\]\."),
        ({}, r"was given none of tokens, emotion\."),
    ],
)
def test_what_the_model_does_not_take_is_refused(given: dict[str, int], message: str) -> None:
    model = small(replace(SMALL, conditions={"tokens": TOKENS, "emotion": EMOTION}))
    with pytest.raises(StageError, match=message):
        model.sample({name: np.zeros((5, size), np.float32) for name, size in given.items()}, seed=0)


def test_a_known_track_that_the_model_does_not_make_is_refused() -> None:
    with pytest.raises(StageError, match=r"no track body of 3 channels; it has mel \[80\], face \[5\]"):
        small().sample(spoken(5), seed=0, known={"body": np.zeros((5, 3), np.float32)})


def test_a_model_without_emotions_refuses_them() -> None:
    happy = np.ones((9, 5), np.float32)
    with pytest.raises(StageError, match="trained without emotions"):
        small().sample({**spoken(9), "emotion": happy}, seed=1)
    small().sample({**spoken(9), "emotion": 0 * happy}, seed=1, num_steps=1)


def test_guidance_of_one_is_none_and_more_is_stronger() -> None:
    model = small()
    plain, same, more = (
        model.sample(spoken(30), seed=1, num_steps=2, guidance_scale=scale)["face"]
        for scale in (1.0, 1.0 + 1e-9, 2.0)
    )
    np.testing.assert_allclose(plain, same, atol=1e-4)
    assert np.abs(plain - more).max() > 1e-3


def test_recorded_speech_is_kept_and_moves_the_face() -> None:
    model = small()
    mel = np.random.default_rng(4).normal(-6, 2, size=(50, 80)).astype(np.float32)
    drawn = model.sample(spoken(50), seed=1, num_steps=3, known={"mel": mel})
    np.testing.assert_array_equal(drawn["mel"], mel)
    other = model.sample(spoken(50), seed=1, num_steps=3, known={"mel": mel + 2.0})
    assert np.abs(drawn["face"] - other["face"]).max() > 1e-2


def test_a_known_face_is_kept_and_heard() -> None:
    model = small()
    face = np.random.default_rng(4).normal(size=(50, 5)).astype(np.float32)
    still, moved = (
        model.sample(spoken(50), seed=1, num_steps=3, known={"face": track}) for track in (face, face + 2.0)
    )
    np.testing.assert_array_equal(still["face"], face)
    for name in ("mel", "head_latent"):
        assert np.abs(still[name] - moved[name]).max() > 1e-2


def test_recorded_speech_is_kept_by_a_fitted_solver_and_heard_as_it_is_at_every_time() -> None:
    """Whatever the solver makes of the mel: what the face follows depends on nothing but the recording."""
    model = small()
    known = {"mel": np.random.default_rng(4).normal(-6, 2, size=(50, 80)).astype(np.float32)}
    weights = 0.3 * torch.randn(3, 4, SMALL.num_channels)
    model.solvers[3] = FittedSolver(torch.tensor([0.0, 0.2, 0.5]), weights)
    drawn = model.sample(spoken(50), seed=1, num_steps=3, known=known)
    np.testing.assert_array_equal(drawn["mel"], known["mel"])
    weights[..., :80] = 7.0
    again = model.sample(spoken(50), seed=1, num_steps=3, known=known)
    np.testing.assert_array_equal(again["face"], drawn["face"])


def test_fitted_solvers_are_read_with_the_weights_and_used_for_as_many_steps(tmp_path: Path) -> None:
    model, file = small(), tmp_path / "flow.safetensors"
    solver = FittedSolver(torch.tensor([0.0, 0.3]), torch.randn(2, 3, SMALL.num_channels))
    save_file(
        {**model.state_dict(), "solver.2.times": solver.times, "solver.2.weights": solver.weights}, file
    )
    loaded = AVFlow.load(asdict(SMALL), file)
    for read, written in zip(loaded.solvers[2], solver, strict=True):
        assert torch.equal(read, written)
    plain, fitted = (one.sample(spoken(50), seed=1, num_steps=2)["face"] for one in (model, loaded))
    assert np.abs(plain - fitted).max() > 1e-2
    others = (one.sample(spoken(50), seed=1, num_steps=3)["face"] for one in (model, loaded))
    np.testing.assert_array_equal(*others)


def test_the_papers_configuration_instantiates_and_trains() -> None:
    torch.manual_seed(0)
    tracks = {"mel": 80, "face": 256, "head_latent": 8}
    model = AVFlow(AVFlowConfig({"tokens": Condition(29, flag=False)}, tracks))
    assert len(model.audio.blocks) == 8 and model.config.audio.width == 512
    assert model.config.halo == (56, 16)
    optimiser = torch.optim.AdamW(model.parameters(), 3e-4, betas=(0.9, 0.98), eps=1e-9)
    x_0, x_1 = torch.randn(1, 8, 344), torch.randn(1, 8, 344)
    tokens, t = torch.randn(1, 8, 29).softmax(-1), torch.tensor([0.5])
    history = []
    for _ in range(4):
        loss = weighted(flow_losses(model, tracks, x_1, tokens, x_0, t), PAPER_WEIGHTS)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        history.append(loss.item())
    assert history[-1] < 0.9 * history[0]


def test_configuration_and_weights_survive_a_round_trip(tmp_path: Path) -> None:
    model = small()
    save_file(model.state_dict(), tmp_path / "flow.safetensors")
    loaded = AVFlow.load(asdict(SMALL), tmp_path / "flow.safetensors")
    assert loaded.config == SMALL
    mels = [one.sample(spoken(9), seed=0)["mel"] for one in (model, loaded)]
    np.testing.assert_array_equal(*mels)


def test_weights_made_when_the_gaze_was_called_a_reflex_still_load(tmp_path: Path) -> None:
    model = small()
    model.gaze.least.fill_(-0.5)
    old = {name.replace("gaze.", "reflex."): tensor for name, tensor in model.state_dict().items()}
    assert old.keys() != model.state_dict().keys()
    save_file(old, tmp_path / "flow.safetensors")
    assert torch.equal(AVFlow.load(asdict(SMALL), tmp_path / "flow.safetensors").gaze.least, model.gaze.least)


def test_a_scaled_track_is_drawn_and_given_in_its_own_units(tmp_path: Path) -> None:
    plain, scaled = small(), small(replace(SMALL, scaled=("face",)))
    scaled.load_state_dict({**scaled.state_dict(), **plain.state_dict()})
    scaled.scales["face"].mean.copy_(torch.arange(5))
    scaled.scales["face"].std.fill_(3.0)
    save_file(scaled.state_dict(), tmp_path / "flow.safetensors")
    scaled = AVFlow.load(asdict(scaled.config), tmp_path / "flow.safetensors")
    drawn, expected = (one.sample(spoken(30), seed=1, num_steps=2) for one in (scaled, plain))
    np.testing.assert_allclose(drawn["face"], 3 * expected["face"] + np.arange(5), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(drawn["mel"], expected["mel"])
    known = np.random.default_rng(4).normal(size=(30, 5)).astype(np.float32)
    heard, told = (
        one.sample(spoken(30), seed=1, num_steps=2, known={"face": track})["mel"]
        for one, track in ((plain, known), (scaled, (3 * known + np.arange(5)).astype(np.float32)))
    )
    np.testing.assert_allclose(told, heard, atol=1e-4)


def test_unequal_depths_are_refused() -> None:
    with pytest.raises(ValueError, match="same number of blocks"):
        replace(SMALL, audio=DiTConfig(num_blocks=3))


@pytest.mark.parametrize("tracks", [{"face": 5, "mel": 80}, {"mel": 80, "body": 3}])
def test_tracks_begin_with_the_mel_and_have_a_face(tracks: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must begin with mel and include face"):
        replace(SMALL, tracks=tracks)


def test_kinds_are_of_tracks_and_known() -> None:
    assert replace(SMALL, kinds={"face": "angles"}).kinds == {"face": "angles"}
    with pytest.raises(ValueError, match="a kind is described of 'hands'"):
        replace(SMALL, kinds={"hands": "angles"})
    with pytest.raises(ValueError, match="'degrees' is no kind of track; kinds are linear, pose,"):
        replace(SMALL, kinds={"face": "degrees"})


def test_noise_of_no_track_is_refused() -> None:
    with pytest.raises(ValueError, match="noise is described of 'hands'"):
        replace(SMALL, noise={"hands": Noise()})
