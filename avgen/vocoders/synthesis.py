"""Source-filter speech synthesis: pulses and noise through time-varying filters, by overlapping FFTs.

    y = WOLA_1024( exp(harmonic) STFT_1024(pulses(f0)) ) + WOLA_256( exp(breath) STFT_256(white noise) )

Pulses need long windows, which tell harmonics apart; noise needs short ones, which do not smear it in time:
listeners hear that in voiced speech. Every function is differentiable and takes leading batch axes.
Frames of pulses are centred on samples 256 n + 128, those of noise on 64 n + 32.
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
NOISE_FFT_SIZE: Final = 256
NOISE_BINS: Final = NOISE_FFT_SIZE // 2 + 1
NOISE_FRAMES: Final = 4
"""Frames of noise in a frame of pulses."""
NOISE_HOP_SIZE: Final = HOP_SIZE // NOISE_FRAMES
MAX_HARMONIC_HZ: Final = 10_500.0
DEFAULT_F0: Final = 100.0
LOG_LIMIT: Final = 7.0
TILT_HZ: Final = 500.0
"""A spectrum grows brighter around this frequency, roughly the middle of the energy of speech."""
LOWEST_TILTED_HZ: Final = 100.0
_POWER: Final = 1.5
"""Sum of squared Hann windows that overlap by three quarters."""
_NOISE_EDGE: Final = EDGE - (NOISE_FFT_SIZE - NOISE_HOP_SIZE) // 2
"""Samples by which the first frame of pulses begins before the first frame of noise."""


@cache
def _hann(size: int, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # what is kept must serve training too
        return torch.hann_window(size, periodic=True, device=device)


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


def transpose(f0: Tensor, pitch: Tensor, melody: Tensor, mean: Tensor) -> Tensor:
    """Moves the pitch of speech and widens its excursions from the mean, in octaves; unvoiced stays so.

    Args:
        f0: [..., N] Hz, 0 where unvoiced.
        pitch: [..., N] semitones by which the mean moves.
        melody: [..., N] octaves by which excursions widen.
        mean: [..., N] Hz of the speaker's mean.
    """
    octaves = torch.log2(f0.clamp(min=1.0) / mean) * torch.exp2(melody) + pitch / 12
    return torch.where(f0 > 0, mean * torch.exp2(octaves), f0)


def between_harmonics(log_gain: Tensor, f0: Tensor) -> Tensor:
    """Redraws pulse filters [..., N, 513] straight from harmonic to harmonic of pitch f0 [..., N].

    Speech tells of its envelope at its harmonics alone; between them a filter can be anything, which is heard
    as soon as the pitch moves there. Unvoiced frames stay.
    """
    hertz = torch.arange(BINS, device=f0.device) * (SAMPLE_RATE / FFT_SIZE)
    spacing = f0.clamp(min=1.0)[..., None]
    last = torch.floor(SAMPLE_RATE / 2 / spacing)
    below = torch.minimum(torch.floor(hertz / spacing), last - 1).clamp(min=1.0)

    def at(harmonic: Tensor) -> Tensor:
        position = (harmonic * spacing * (FFT_SIZE / SAMPLE_RATE)).clamp(max=BINS - 1)
        low = position.long().clamp(max=BINS - 2)
        return torch.lerp(log_gain.gather(-1, low), log_gain.gather(-1, low + 1), position - low)

    redrawn = torch.lerp(at(below), at(below + 1), (hertz / spacing - below).clamp(0.0, 1.0))
    return torch.where(f0[..., None] > 0, redrawn, log_gain)


def colour(level: Tensor, tilt: Tensor, bins: int) -> Tensor:
    """Natural log gain [..., N, bins] of a level [..., N] in dB and a tilt [..., N] in dB per octave."""
    hertz = torch.linspace(0.0, SAMPLE_RATE / 2, bins, device=level.device)
    octaves = torch.log2(hertz.clamp(min=LOWEST_TILTED_HZ) / TILT_HZ)
    return (level[..., None] + tilt[..., None] * octaves) * (math.log(10) / 20)


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
        noise: [..., (N + 3) * 256] white noise of unit variance, likewise.
        harmonic: [..., N, 513] natural log of the harmonics' magnitude in a spectrum of 1024 samples.
        breath: [..., 4 N, 129] natural log of the noise's standard deviation.

    Returns:
        [..., (N + 3) * 256] speech; what overlaps with that of neighbouring windows of frames must be added.
    """
    voice = _filter(pulses, harmonic - math.log(FFT_SIZE / 4), FFT_SIZE, HOP_SIZE)
    aspiration = _filter(noise[..., _NOISE_EDGE:-_NOISE_EDGE], breath, NOISE_FFT_SIZE, NOISE_HOP_SIZE)
    return voice + torch.nn.functional.pad(aspiration, (_NOISE_EDGE, _NOISE_EDGE))


def _filter(source: Tensor, log_gain: Tensor, size: int, hop: int) -> Tensor:
    """[..., (M + 3) * hop] samples through filters [..., M, size / 2 + 1], each of four hops."""
    window = _hann(size, source.device)
    spectrum = torch.fft.rfft(source.unfold(-1, size, hop) * window)
    spectrum = spectrum * torch.exp(log_gain.clamp(max=LOG_LIMIT))
    return overlap_add(torch.fft.irfft(spectrum, size) * (window / _POWER), hop)


def overlap_add(frames: Tensor, hop: int) -> Tensor:
    """[..., M, 4 * hop] frames, `hop` samples apart -> [..., (M + 3) * hop] their sum."""
    overlap = frames.shape[-1] // hop
    blocks = frames.reshape(*frames.shape[:-1], overlap, hop)
    count = frames.shape[-2]
    total: Tensor = blocks.new_zeros(*frames.shape[:-2], count + overlap - 1, hop)
    for k in range(overlap):
        total[..., k : k + count, :] += blocks[..., k, :]
    return total.flatten(-2)
