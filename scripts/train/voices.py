"""One voice bent so that it resembles other voices and other recordings.

For training, mel spectrograms are bent: a batch is [B, N, 80] natural-log mels with F0 [B, N] in Hz, 0 where
unvoiced. For measuring, speech is synthesised anew from changed envelopes and pitch.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import torch
from torch import Tensor

from avgen.speech.extractor import warping
from avgen.speech.mel import LOG_FLOOR, mel_spectrogram
from avgen.types import HOP_SIZE, MEL_BINS, SAMPLE_RATE, FloatArray
from avgen.vocoders import synthesis
from scripts.mira.envelopes import Envelopes

SMEAR: Final = 2.3
"""Mel bins (standard deviation) over which harmonics blur into an envelope."""
PITCHES: Final = np.geomspace(60.0, 420.0, 64).astype(np.float32)
"""Hz of the harmonic combs."""


@cache
def smearing() -> FloatArray:
    """[80, 80] Gaussian blur over mel bins; rows sum to 1."""
    bands = np.arange(MEL_BINS)
    weights = np.exp(-0.5 * ((bands[:, None] - bands) / SMEAR) ** 2)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


@cache
def combs() -> Tensor:
    """[64, 80] what the harmonics of each of PITCHES add to a smooth log-mel envelope."""
    rows = []
    for pitch in PITCHES:
        constant = torch.full((SAMPLE_RATE // 2,), float(pitch))
        pulses, _ = synthesis.pulse_train(constant, torch.ones_like(constant, dtype=torch.bool))
        mel = mel_spectrogram((0.05 * pulses).numpy())[4:-4].mean(0)
        rows.append(mel - smearing() @ mel)
    return torch.from_numpy(np.stack(rows))


def other_speaker(mel: Tensor, f0: Tensor, rng: np.random.Generator) -> Tensor:
    """Move every clip's formants by up to two fifths, and give two in three another pitch."""
    warps, smooth = [], torch.from_numpy(smearing())
    for _ in range(len(mel)):
        warps.append(torch.from_numpy(warping(float(np.exp(rng.uniform(-0.34, 0.34))))))
    warped = mel @ torch.stack(warps).transpose(1, 2)
    factor = torch.from_numpy(np.exp(rng.uniform(-1.0, 0.5, (len(mel), 1))).astype(np.float32))
    depth = torch.from_numpy(rng.uniform(0.0, 1.2, (len(mel), 1, 1)).astype(np.float32))
    step = float(np.log(PITCHES[1] / PITCHES[0]))
    index = (torch.log((f0 * factor).clamp(min=1.0) / float(PITCHES[0])) / step).round()
    comb = combs()[index.long().clamp(0, len(PITCHES) - 1)]
    changed = torch.where((f0 > 0)[..., None], warped @ smooth.T + depth * comb, warped)
    chosen = torch.from_numpy(rng.random(len(mel)) < 0.67)
    return torch.where(chosen[:, None, None], changed, warped)


def other_recording(mel: Tensor, rng: np.random.Generator) -> Tensor:
    """Change gain, equalisation, bandwidth, sharpness in time, room and background noise."""
    batch, bands = len(mel), np.linspace(0, 1, MEL_BINS, dtype=np.float32)
    curve = rng.normal(0, 0.4, (batch, 1)) + rng.normal(0, 0.7, (batch, 1)) * (bands - 0.5)
    for wave in range(1, 4):
        curve = curve + rng.normal(0, 0.3, (batch, 1)) * np.cos(np.pi * wave * bands)
    curve[rng.random(batch) < 0.2] = 0.0
    out = mel + torch.from_numpy(curve.astype(np.float32))[:, None]
    if rng.random() < 0.25:
        out = _reverberate(out, float(rng.uniform(0.06, 0.25)))
    if rng.random() < 0.3:
        out = _blur(out, int(rng.integers(1, 4)))
    out = torch.logaddexp(out, _noise(out, rng))
    cut = np.where(rng.random(batch) < 0.1, rng.uniform(0.75, 1.0, batch), 2.0)
    above = torch.from_numpy(bands[None] > cut[:, None])
    return out.masked_fill(above[:, None], LOG_FLOOR).clamp(min=LOG_FLOOR)


def _reverberate(mel: Tensor, decay: float) -> Tensor:
    """Add echoes 2, 5, 9 and 14 frames late that fall by `decay` nepers a frame."""
    out = mel
    for delay in (2, 5, 9, 14):
        late = torch.nn.functional.pad(mel[:, :-delay], (0, 0, delay, 0), value=LOG_FLOOR)
        out = torch.logaddexp(out, late - 1.5 - decay * delay)
    return out


def _blur(mel: Tensor, reach: int) -> Tensor:
    """Average every band over 2 * reach + 1 frames, as synthetic voices do."""
    return torch.nn.functional.avg_pool1d(
        mel.transpose(1, 2), 2 * reach + 1, stride=1, padding=reach, count_include_pad=False
    ).transpose(1, 2)


def _noise(mel: Tensor, rng: np.random.Generator) -> Tensor:
    """Log mel of stationary noise, 0 to 45 dB below the speech's loud frames; none for a third."""
    batch, frames, bands = mel.shape
    loud = mel.mean(-1).quantile(0.9, dim=1)
    below = rng.uniform(0.8, 5.2, batch) + np.where(rng.random(batch) < 0.33, 20.0, 0.0)
    tilt = rng.normal(0, 1.0, (batch, 1, 1)) * np.linspace(1, -1, bands)
    grain = 0.25 * torch.randn(batch, frames, bands)
    level = loud[:, None, None] - torch.from_numpy(below.astype(np.float32))[:, None, None]
    return level + torch.from_numpy(tilt.astype(np.float32)) + grain


def resynthesise(envelopes: Envelopes, formants: float, pitch: float, seed: int) -> FloatArray:
    """Speech [N * 256] of the same words with formants and pitch multiplied by these factors."""
    harmonic, breath = (
        torch.from_numpy(np.stack([np.interp(bins / formants, bins, row) for row in part])).float()
        for part in (envelopes.harmonic.astype(np.float32), envelopes.noise.astype(np.float32))
        for bins in [np.arange(part.shape[-1])]
    )
    f0 = torch.from_numpy(envelopes.f0) * pitch
    count = (len(f0) + 3) * HOP_SIZE
    smooth = synthesis.at_samples(synthesis.hold_pitch(f0), -synthesis.EDGE, count)
    voiced = synthesis.at_samples((f0 > 0).float(), -synthesis.EDGE, count) > 0.5
    pulses, _ = synthesis.pulse_train(smooth, voiced)
    noise = torch.randn(count, generator=torch.Generator().manual_seed(seed))
    speech = synthesis.filter_sources(pulses, noise, harmonic, breath)
    out: FloatArray = speech[synthesis.EDGE : -synthesis.EDGE].numpy()
    return out
