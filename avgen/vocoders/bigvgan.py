"""BigVGAN generator in NVIDIA's published layout, so that its checkpoints load as they are.

Lee et al., ICLR 2023. A checkpoint is `config.json` beside `bigvgan_generator.pt` (or the same tensors as
safetensors); weight normalisation is folded into plain weights at load.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from avgen.errors import ActorError
from avgen.nn.weights import fill, finite, read_weights
from avgen.nn.windows import windows
from avgen.speech.prosody import Prosody
from avgen.types import HOP_SIZE, MEL_BINS, SAMPLE_RATE, FloatArray
from avgen.vocoders.antialias import REACH, AntialiasedSnake

_WINDOW: Final = 256
_MEL_LAYOUT: Final = {
    "sampling_rate": SAMPLE_RATE,
    "hop_size": HOP_SIZE,
    "num_mels": MEL_BINS,
    "n_fft": 1024,
    "win_size": 1024,
    "fmin": 0,
    "fmax": 8000,
}
"""What config.json must say, where it says anything: other mels would be spoken as noise."""


@dataclass(frozen=True, slots=True)
class BigVGANConfig:
    """The keys of config.json that shape the generator; training-only keys are passed over."""

    upsample_rates: tuple[int, ...]
    upsample_kernel_sizes: tuple[int, ...]
    upsample_initial_channel: int
    resblock_kernel_sizes: tuple[int, ...]
    resblock_dilation_sizes: tuple[tuple[int, ...], ...]
    resblock: str = "1"
    """"1": two convolutions a step (AMPBlock1); "2": one (AMPBlock2)."""
    activation: str = "snakebeta"
    """"snake" or "snakebeta"."""
    snake_logscale: bool = True
    use_tanh_at_final: bool = True
    """tanh at the end; otherwise clamp to [-1, 1]."""
    use_bias_at_final: bool = True

    def __post_init__(self) -> None:
        """Checks that the generator fits avgen's mel."""
        if math.prod(self.upsample_rates) != HOP_SIZE:
            raise ActorError(f"bigvgan: upsample_rates {self.upsample_rates} do not multiply to {HOP_SIZE}")
        if self.resblock not in ("1", "2") or self.activation not in ("snake", "snakebeta"):
            raise ActorError("bigvgan: resblock must be '1' or '2', activation 'snake' or 'snakebeta'")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> BigVGANConfig:
        """Configuration from config.json's values."""
        for key, expected in _MEL_LAYOUT.items():
            if values.get(key, expected) != expected:
                raise ActorError(f"bigvgan: {key} is {values[key]}; avgen's mel has {expected}")
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        try:
            return cls(**{key: _frozen(value) for key, value in known.items()})
        except TypeError as error:
            raise ActorError(f"bigvgan: config.json is not complete: {error}") from error

    @property
    def context(self) -> int:
        """Mel frames on either side that a sample depends on, rounded up."""
        steps = (
            sum(self._block_reach(kernel, dilation) for dilation in dilations)
            for kernel, dilations in zip(
                self.resblock_kernel_sizes, self.resblock_dilation_sizes, strict=True
            )
        )
        block = max(steps)
        reach = REACH + 3
        stages = zip(self.upsample_rates, self.upsample_kernel_sizes, strict=True)
        for rate, kernel in reversed(tuple(stages)):
            reach = math.ceil((reach + block) / rate) + math.ceil(kernel / rate)
        return reach + 3

    def _block_reach(self, kernel: int, dilation: int) -> int:
        first = REACH + kernel // 2 * dilation
        return first + REACH + kernel // 2 if self.resblock == "1" else first


def _frozen(value: Any) -> Any:
    """Lists of JSON or YAML as tuples."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value


def _same(channels: int, kernel: int, dilation: int) -> nn.Conv1d:
    """A convolution that keeps the length."""
    return nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=kernel // 2 * dilation)


def _activation(channels: int, config: BigVGANConfig) -> AntialiasedSnake:
    return AntialiasedSnake(channels, config.activation == "snakebeta", config.snake_logscale)


class AMPBlock1(nn.Module):
    """Residual steps of activation, dilated convolution, activation, convolution."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...], config: BigVGANConfig) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same(channels, kernel, d) for d in dilations)
        self.convs2 = nn.ModuleList(_same(channels, kernel, 1) for _ in dilations)
        self.activations = nn.ModuleList(_activation(channels, config) for _ in range(2 * len(dilations)))

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, S] -> [B, C, S]."""
        for step, (first, second) in enumerate(zip(self.convs1, self.convs2, strict=True)):
            y = first(self.activations[2 * step](x))
            x = x + second(self.activations[2 * step + 1](y))
        return x


class AMPBlock2(nn.Module):
    """Residual steps of activation and dilated convolution."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...], config: BigVGANConfig) -> None:
        super().__init__()
        self.convs = nn.ModuleList(_same(channels, kernel, d) for d in dilations)
        self.activations = nn.ModuleList(_activation(channels, config) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, S] -> [B, C, S]."""
        for conv, activation in zip(self.convs, self.activations, strict=True):
            x = x + conv(activation(x))
        return x


class Generator(nn.Module):
    """Mel -> samples: transposed convolutions, each followed by the mean of parallel residual blocks."""

    def __init__(self, config: BigVGANConfig) -> None:
        super().__init__()
        self.config = config
        width = config.upsample_initial_channel
        block = AMPBlock1 if config.resblock == "1" else AMPBlock2
        self.conv_pre = nn.Conv1d(MEL_BINS, width, 7, padding=3)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
            up = nn.ConvTranspose1d(width, width // 2, kernel, rate, padding=(kernel - rate) // 2)
            self.ups.append(nn.ModuleList([up]))
            width //= 2
            shapes = zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True)
            self.resblocks.extend(block(width, size, dilations, config) for size, dilations in shapes)
        self.activation_post = _activation(width, config)
        self.conv_post = nn.Conv1d(width, 1, 7, padding=3, bias=config.use_bias_at_final)

    def forward(self, mel: Tensor) -> Tensor:
        """[B, 80, N] log mel -> [B, 1, N * 256] samples in [-1, 1]."""
        x = self.conv_pre(mel)
        parallel = len(self.config.resblock_kernel_sizes)
        for stage, up in enumerate(self.ups):
            x = up[0](x)  # type: ignore[index]
            blocks = self.resblocks[stage * parallel : (stage + 1) * parallel]
            x = torch.stack([block(x) for block in blocks]).sum(0) / parallel
        x = self.conv_post(self.activation_post(x))
        return torch.tanh(x) if self.config.use_tanh_at_final else x.clamp(-1, 1)


def fold_weight_norm(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Replaces weight-normalised pairs by plain weights, g v / ||v||, the norm taken per first axis.

    Both of PyTorch's layouts are understood: `weight_g`, `weight_v` and
    `parametrizations.weight.original0`, `original1`.
    """
    plain: dict[str, Tensor] = {}
    pairs = {"weight_g": "weight_v", "parametrizations.weight.original0": "parametrizations.weight.original1"}
    for name, value in state.items():
        gain = next((g for g in pairs if name.endswith(f".{g}")), None)
        if gain:
            prefix = name.removesuffix(gain)
            direction = state[prefix + pairs[gain]].float()
            norm = torch.linalg.vector_norm(direction.flatten(1), dim=1).view_as(value)
            plain[prefix + "weight"] = value.float() * direction / norm
        elif not name.endswith(tuple(f".{v}" for v in pairs.values())):
            plain[name] = value.float()
    return plain


def read_config(file: Path) -> dict[str, Any]:
    """Read the config.json of a published checkpoint.

    Raises:
        ActorError: if it is missing or damaged.
    """
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ActorError(f"{file}: cannot be read as the configuration of a BigVGAN: {error}") from error


def read_checkpoint(file: Path) -> dict[str, Tensor]:
    """Read a safetensors file or a published .pt checkpoint (`{"generator": ...}`), in float32.

    Raises:
        ActorError: if the file is missing, damaged or holds a number that is not finite.
    """
    if file.suffix == ".safetensors":
        return read_weights(file)
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, UnpicklingError) as error:
        raise ActorError(f"{file}: cannot be read as a checkpoint: {error}") from error
    return finite(state.get("generator", state), file)


class BigVGAN:
    """Vocoder for checkpoints of `bigvgan_base_22khz_80band` and its smaller or larger relatives."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator.eval()

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> BigVGAN:
        """Loads a published checkpoint.

        Args:
            config: keys of config.json; empty = read the config.json beside the file.
            file: `bigvgan_generator.pt` or safetensors.

        Raises:
            ActorError: if configuration or weights are missing, damaged or do not fit.
        """
        generator = Generator(
            BigVGANConfig.from_mapping(config or read_config(file.with_name("config.json")))
        )
        return cls(fill(generator, fold_weight_norm(read_checkpoint(file)), file))

    def to(self, device: torch.device | str) -> BigVGAN:
        """Moves the generator."""
        self.generator.to(device)
        return self

    @torch.inference_mode()
    def __call__(
        self, mel: FloatArray, seed: int, prosody: Prosody | None = None, *, window_frames: int = _WINDOW
    ) -> FloatArray:
        """Speech of a mel spectrogram, as `Vocoder` has it; BigVGAN draws no noise and cannot move pitch.

        Args:
            mel: [N, 80] natural-log mel.
            seed: not used.
            prosody: not used.
            window_frames: frames computed at a time; bounds memory, does not change the samples.
        """
        device = self.generator.conv_pre.weight.device
        output = np.empty(len(mel) * HOP_SIZE, np.float32)
        reach = self.generator.config.context
        for span in windows(len(mel), window_frames, reach, reach):
            part = torch.from_numpy(np.ascontiguousarray(mel[span.seen].T, np.float32))
            samples = self.generator(part[None].to(device))[0, 0].cpu().numpy()
            own = samples[span.own.start * HOP_SIZE : span.own.stop * HOP_SIZE]
            output[span.start * HOP_SIZE : span.stop * HOP_SIZE] = own
        return output
