"""Source-filter speech synthesis: pulses and noise through time-varying filters, by overlapping FFTs.

    y = WOLA( exp(harmonic) STFT(pulses(f0)) + exp(noise) STFT(white noise) )

Every function is differentiable and takes leading batch axes. Frames are centred on samples 256 n + 128.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import torch
from torch import Tensor

from avgen.types import HOP_SIZE, SAMPLE_RATE

FFT_SIZE: Final = 1024
BINS: Final = FFT_SIZE // 2 + 1
EDGE: Final = (FFT_SIZE - HOP_SIZE) // 2
"""Samples by which the first and last frame reach beyond the frames they belong to."""
MAX_HARMONIC_HZ: Final = 10_500.0
DEFAULT_F0: Final = 100.0
NOISE_SD: Final = math.sqrt(FFT_SIZE / 12)
"""White noise of this standard deviation, filtered here, is as loud as independent unit-variance bins
overlap-added: those lose all but hop / FFT of their energy, as no signal has such a spectrogram."""
LOG_LIMIT: Final = 7.0
_OVERLAP: Final = FFT_SIZE // HOP_SIZE


@cache
def _hann(device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # what is kept must serve training too
        return torch.hann_window(FFT_SIZE, periodic=True, device=device)


def hold_pitch(f0: Tensor) -> Tensor:
    """Fills unvoiced frames next to a voiced one with its pitch, so that no pulse glides towards zero.

    Args:
        f0: [..., N] Hz, 0 where unvoiced.

    Returns:
        [..., N] Hz, positive everywhere.
    """
    padded = torch.nn.functional.pad(f0, (1, 1))
    before, after = padded[..., :-2], padded[..., 2:]
    count = (before > 0).to(f0.dtype) + (after > 0).to(f0.dtype)
    neighbour = torch.where(count > 0, (before + after) / count.clamp(min=1), DEFAULT_F0)
    return torch.where(f0 > 0, f0, neighbour)


def at_samples(values: Tensor, first: int, count: int) -> Tensor:
    """Frame values [..., N] interpolated to samples `first ... first + count - 1` of the same clip."""
    positions = (torch.arange(first, first + count, device=values.device) + 0.5) / HOP_SIZE - 0.5
    positions = positions.clamp(0, values.shape[-1] - 1)
    low = positions.long().clamp(max=max(values.shape[-1] - 2, 0))
    high = (low + 1).clamp(max=values.shape[-1] - 1)
    return torch.lerp(values[..., low], values[..., high], (positions - low).to(values.dtype))


def pulse_train(pitch: Tensor, voiced: Tensor, phase: Tensor | float = 0.0) -> tuple[Tensor, Tensor]:
    """Band-limited pulses: every harmonic below 10.5 kHz as a cosine of amplitude one.

    Uses sum_{h=1}^{H} cos(h t) = sin((H + 1/2) t) / (2 sin(t / 2)) - 1/2.

    Args:
        pitch: [..., S] Hz per sample.
        voiced: [..., S] True where pulses sound.
        phase: [..., 1] cycles before the first sample.

    Returns:
        [..., S] pulses and [..., 1] the phase after the last sample, in cycles.
    """
    cycles = torch.cumsum(pitch.double() / SAMPLE_RATE, -1) + phase
    cycles = cycles - torch.floor(cycles)
    angle = (2 * math.pi * cycles).to(pitch.dtype)
    harmonics = torch.floor(MAX_HARMONIC_HZ / pitch) + 0.5
    denominator = 2 * torch.sin(angle / 2)
    peak = denominator.abs() <= 2e-3
    ratio = torch.sin(harmonics * angle) / torch.where(peak, torch.ones_like(angle), denominator)
    pulses = torch.where(peak, harmonics, ratio) - 0.5
    return torch.where(voiced, pulses, 0.0), cycles[..., -1:]


def filter_sources(pulses: Tensor, noise: Tensor, harmonic: Tensor, breath: Tensor) -> Tensor:
    """Filters pulses and white noise frame by frame.

    Args:
        pulses: [..., (N + 3) * 256] samples, starting 384 samples before the first frame's own 256.
        noise: [..., (N + 3) * 256] white noise of standard deviation `NOISE_SD`, likewise.
        harmonic: [..., N, 513] natural log of the harmonics' magnitude.
        breath: [..., N, 513] natural log of the noise magnitude.

    Returns:
        [..., (N + 3) * 256] windowed frames laid over one another; divide by `window_power`.
    """
    window = _hann(pulses.device)
    analysis = window / (FFT_SIZE / 4)
    spectrum = torch.fft.rfft(pulses.unfold(-1, FFT_SIZE, HOP_SIZE) * analysis)
    spectrum = spectrum * torch.exp(harmonic.clamp(max=LOG_LIMIT))
    spectrum = spectrum + torch.fft.rfft(noise.unfold(-1, FFT_SIZE, HOP_SIZE) * analysis) * torch.exp(
        breath.clamp(max=LOG_LIMIT)
    )
    return overlap_add(torch.fft.irfft(spectrum, FFT_SIZE) * window)


def overlap_add(frames: Tensor) -> Tensor:
    """[..., N, 1024] frames 256 samples apart -> [..., (N + 3) * 256] their sum."""
    count = frames.shape[-2]
    blocks = frames.reshape(*frames.shape[:-1], _OVERLAP, HOP_SIZE)
    total: Tensor = blocks.new_zeros(*frames.shape[:-2], count + _OVERLAP - 1, HOP_SIZE)
    for k in range(_OVERLAP):
        total[..., k : k + count, :] += blocks[..., k, :]
    return total.flatten(-2)


def window_power(frames: int, device: torch.device) -> Tensor:
    """[(N + 3) * 256] summed squared windows of `frames` overlapping frames: 1.5 inside."""
    return overlap_add((_hann(device) ** 2).expand(frames, FFT_SIZE)).clamp(min=1e-3)
