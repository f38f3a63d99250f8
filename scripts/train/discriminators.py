"""Discriminators of BigVGAN: periods of the waveform and spectrograms of several resolutions.

Kong et al. 2020 (HiFi-GAN) for the periods, Jang et al. 2021 (UnivNet) for the spectrograms, joined as in Lee
et al. 2023 (BigVGAN); least-squares losses (Mao et al. 2017) with feature matching.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

PERIODS = (2, 3, 5, 7, 11)
RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""FFT size, hop and window of every spectrogram, in samples."""
SLOPE = 0.1
Verdict = list[Tensor]
"""Features of every layer; the last is the judgement."""


def _conv(inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> nn.Module:
    padding = (kernel[0] // 2, kernel[1] // 2)
    return weight_norm(nn.Conv2d(inputs, outputs, kernel, stride, padding))


class PlaneDiscriminator(nn.Module):
    """Convolutions over a plane that is made of the samples."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def plane(self, samples: Tensor) -> Tensor:
        """[B, S] -> [B, 1, rows, columns]."""
        raise NotImplementedError(type(self).__name__)

    def forward(self, samples: Tensor) -> Verdict:
        """[B, S] -> features of every layer."""
        x, features = self.plane(samples), []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), SLOPE)
            features.append(x)
        return [*features, self.layers[-1](x)]


class PeriodDiscriminator(PlaneDiscriminator):
    """Sees every n-th sample in a column."""

    def __init__(self, period: int, width: int) -> None:
        sizes = (1, width, 4 * width, 16 * width, 32 * width)
        strided = [_conv(a, b, (5, 1), (3, 1)) for a, b in pairwise(sizes)]
        last = [_conv(sizes[-1], sizes[-1], (5, 1)), _conv(sizes[-1], 1, (3, 1))]
        super().__init__([*strided, *last])
        self.period = period

    def plane(self, samples: Tensor) -> Tensor:
        """[B, S] -> [B, 1, S / period, period]."""
        missing = -samples.shape[-1] % self.period
        return F.pad(samples[:, None], (0, missing), "reflect").unflatten(-1, (-1, self.period))


class SpectrogramDiscriminator(PlaneDiscriminator):
    """Sees the magnitudes of one STFT."""

    def __init__(self, resolution: tuple[int, int, int], width: int) -> None:
        wide = [_conv(width, width, (3, 9), (1, 2)) for _ in range(3)]
        narrow = [_conv(width, width, (3, 3)), _conv(width, 1, (3, 3))]
        super().__init__([_conv(1, width, (3, 9)), *wide, *narrow])
        self.fft_size, self.hop, self.window = resolution

    def plane(self, samples: Tensor) -> Tensor:
        """[B, S] -> [B, 1, bins, frames]."""
        window = torch.hann_window(self.window, device=samples.device)
        padding = (self.fft_size - self.hop) // 2
        padded = F.pad(samples[:, None], (padding, padding), "reflect")[:, 0]
        spectrum = torch.stft(
            *(padded, self.fft_size, self.hop, self.window, window), center=False, return_complex=True
        )
        return spectrum.abs()[:, None]


class Discriminators(nn.Module):
    """All of them; BigVGAN's have a width of 32."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.judges = nn.ModuleList(
            [
                *(PeriodDiscriminator(period, width) for period in PERIODS),
                *(SpectrogramDiscriminator(resolution, width) for resolution in RESOLUTIONS),
            ]
        )

    def forward(self, samples: Tensor) -> list[Verdict]:
        """[B, S] -> a verdict of each."""
        return [judge(samples) for judge in self.judges]


def discriminator_loss(real: Sequence[Verdict], made: Sequence[Verdict]) -> Tensor:
    """Real samples should be judged as one and made ones as zero."""
    losses = [(1 - a[-1]).square().mean() + b[-1].square().mean() for a, b in zip(real, made, strict=True)]
    return torch.stack(losses).sum()


def adversarial_loss(made: Sequence[Verdict]) -> Tensor:
    """Made samples should be judged as one."""
    return torch.stack([(1 - verdict[-1]).square().mean() for verdict in made]).sum()


def feature_loss(real: Sequence[Verdict], made: Sequence[Verdict]) -> Tensor:
    """Twice the L1 distance between what both look like to every layer (Kumar et al. 2019)."""
    losses = [
        (a.detach() - b).abs().mean()
        for seen, shown in zip(real, made, strict=True)
        for a, b in zip(seen[:-1], shown[:-1], strict=True)
    ]
    return 2 * torch.stack(losses).sum()
