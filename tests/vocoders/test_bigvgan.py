"""BigVGAN against NVIDIA's own code on random weights, its checkpoint layouts, and windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from safetensors.torch import save_file  # noqa: E402

from avgen.errors import ActorError  # noqa: E402
from avgen.vocoders.bigvgan import BigVGAN, BigVGANConfig, Generator, fold_weight_norm  # noqa: E402

BASE: dict[str, Any] = {
    "resblock": "1",
    "upsample_rates": [8, 8, 2, 2],
    "upsample_kernel_sizes": [16, 16, 4, 4],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
    "activation": "snakebeta",
    "snake_logscale": True,
    "num_mels": 80,
    "n_fft": 1024,
    "hop_size": 256,
    "win_size": 1024,
    "sampling_rate": 22050,
    "fmin": 0,
    "fmax": 8000,
    "batch_size": 32,
}
"""bigvgan_base_22khz_80band's config.json, with 32 channels in place of 512."""
VARIANTS = {
    "base": BASE,
    "snake": {**BASE, "activation": "snake"},
    "linear alpha": {**BASE, "snake_logscale": False},
    "AMPBlock2": {**BASE, "resblock": "2", "resblock_dilation_sizes": [[1, 3], [1, 3], [1, 3]]},
    "v2 ending": {**BASE, "use_tanh_at_final": False, "use_bias_at_final": False},
    "six stages": {
        **BASE,
        "upsample_rates": [4, 4, 2, 2, 2, 2],
        "upsample_kernel_sizes": [8, 8, 4, 4, 4, 4],
        "upsample_initial_channel": 64,
    },
}


def nvidia_generator(config: dict[str, Any]) -> Any:
    """NVIDIA's generator with weight norm and lively random weights."""
    reference = pytest.importorskip("bigvgan.bigvgan")
    torch.manual_seed(0)
    model = reference.BigVGAN(reference.AttrDict(config))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("alpha") or name.endswith("beta"):
                weight.add_(torch.rand_like(weight))
            elif name.endswith(("weight_g", "original0")):
                weight.copy_(0.3 + 0.5 * torch.rand_like(weight))
            elif name.endswith(("weight_v", "original1")):
                weight.normal_()
            elif name.endswith("bias"):
                weight.normal_(std=0.1)
    return model.eval()


def plain_state(config: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Random state of our own generator, without weight norm."""
    torch.manual_seed(1)
    return Generator(BigVGANConfig.from_mapping(config)).state_dict()


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_equals_nvidias_code(config: dict[str, Any]) -> None:
    reference = nvidia_generator(config)
    ours = Generator(BigVGANConfig.from_mapping(config)).eval()
    ours.load_state_dict(fold_weight_norm(reference.state_dict()))
    mel = torch.randn(1, 80, 12, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        expected, made = reference(mel), ours(mel)
    assert 0.003 < expected.std() < 0.9
    assert (made - expected).abs().max() < 1e-4


@pytest.mark.parametrize("layout", ["weight_norm", "parametrizations.weight_norm"])
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_both_weight_norm_layouts_fold(layout: str) -> None:
    utilities = torch.nn.utils.parametrizations if "." in layout else torch.nn.utils
    model = torch.nn.ModuleDict({"a": utilities.weight_norm(torch.nn.ConvTranspose1d(6, 4, 3))})
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_()
        model["a"](torch.zeros(1, 6, 5))
    folded = fold_weight_norm(model.state_dict())
    assert set(folded) == {"a.weight", "a.bias"}
    torch.testing.assert_close(folded["a.weight"], model["a"].weight.detach())


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_published_checkpoint_folder_loads(tmp_path: Path) -> None:
    reference = nvidia_generator(VARIANTS["AMPBlock2"])
    (tmp_path / "config.json").write_text(json.dumps(VARIANTS["AMPBlock2"]))
    torch.save({"generator": reference.state_dict()}, tmp_path / "bigvgan_generator.pt")
    vocoder = BigVGAN.load({}, tmp_path / "bigvgan_generator.pt")
    mel = np.random.default_rng(0).standard_normal((9, 80)).astype(np.float32)
    with torch.inference_mode():
        expected = reference(torch.from_numpy(mel.T)[None])[0, 0].numpy()
    np.testing.assert_allclose(vocoder(mel, seed=0), expected, atol=1e-4)


def test_safetensors_equals_pt(tmp_path: Path) -> None:
    config = VARIANTS["AMPBlock2"]
    state = plain_state(config)
    torch.save(state, tmp_path / "g.pt")
    save_file(state, tmp_path / "g.safetensors")
    mel = np.random.default_rng(0).standard_normal((9, 80)).astype(np.float32)
    a, b = (BigVGAN.load(config, tmp_path / name)(mel, seed=0) for name in ("g.pt", "g.safetensors"))
    assert np.array_equal(a, b) and a.shape == (9 * 256,)


@pytest.mark.parametrize("name", ["base", "AMPBlock2"])
def test_windows_equal_one_pass(name: str) -> None:
    config = BigVGANConfig.from_mapping({**VARIANTS[name], "upsample_initial_channel": 16})
    torch.manual_seed(0)
    generator = Generator(config)
    with torch.no_grad():
        for weight in generator.parameters():
            weight.mul_(1.6)
    vocoder = BigVGAN(generator)
    mel = np.random.default_rng(0).standard_normal((150, 80)).astype(np.float32)
    whole = vocoder(mel, seed=0, window_frames=1000)
    assert whole.std() > 1e-3
    np.testing.assert_allclose(vocoder(mel, seed=0, window_frames=40), whole, atol=3e-5)


def test_base_configuration_has_the_published_size() -> None:
    with torch.device("meta"):
        generator = Generator(BigVGANConfig.from_mapping({**BASE, "upsample_initial_channel": 512}))
    assert sum(p.numel() for p in generator.parameters()) / 1e6 == pytest.approx(13.94, abs=0.06)


def test_other_mels_and_damage_are_actor_errors(tmp_path: Path) -> None:
    file = tmp_path / "g.pt"
    with pytest.raises(ActorError, match="fmax is 12000"):
        BigVGAN.load({**BASE, "fmax": 12000}, file)
    with pytest.raises(ActorError, match="multiply to 256"):
        BigVGAN.load({**BASE, "upsample_rates": [8, 8, 2, 4]}, file)
    with pytest.raises(ActorError, match=r"g\.pt"):
        BigVGAN.load(BASE, file)
    file.write_bytes(b"damaged")
    with pytest.raises(ActorError, match=r"g\.pt"):
        BigVGAN.load(BASE, file)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ActorError, match=r"config\.json"):
        BigVGAN.load({}, file)
