"""Loudness of sound by EBU R 128, and sound brought to a wanted one without clipping."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from avgen.errors import StageError
from avgen.media.decoding import input_options
from avgen.media.ffmpeg import as_bytes, run_ffmpeg, samples_input
from avgen.types import FloatArray

TRUE_PEAK_DB: Final = -1.0
"""No peak between samples is higher, in dB of full scale, before a lossy codec."""
CEILING: Final = 10 ** ((TRUE_PEAK_DB - 0.3) / 20)
"""What peaks are held to, a little lower: they are found at eighths of a sample only."""
TOLERANCE: Final = 0.1
"""LU within which a loudness is as wanted: what ffmpeg tells."""
LIMITER_SECONDS: Final = 0.003
"""The gain goes down that long before a peak, and up again as long after it."""
MAX_SECONDS: Final = 600.0
"""That measuring may take: of an hour of sound it takes some ten."""
_SILENT: Final = -69.0
"""A measured loudness below this means: nothing but silence, or less than 0.4 seconds."""
_ROUNDS: Final = 10
LEAST_HEARD: Final = 0.2
"""Least share of a further gain that is thought to be heard, since the limiter takes the rest."""
_TAPS: Final = np.arange(-16, 17)
_PLACES: Final = _TAPS[::-1, None] - np.arange(1, 8) / 8
_BETWEEN: Final[FloatArray] = (np.sinc(_PLACES) * np.cos(np.pi * _PLACES / (len(_TAPS) + 1)) ** 2).astype(
    np.float32
)
"""Windowed sincs [taps, 7] whose sums over a sample's surroundings are what lies at eighths before it."""
_BLOCK: Final = 1 << 17
"""Samples that are limited together: memory does not grow with the sound."""


def measure(samples: FloatArray, sample_rate: int) -> float:
    """Integrated loudness of sound, LUFS.

    Args:
        samples: [S] or [S, channels] in [-1, 1].
        sample_rate: of the samples.

    Raises:
        StageError: if ffmpeg failed.
    """
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    return _measure(samples_input(sample_rate, channels), as_bytes(samples))


def measure_file(path: Path, through: Sequence[str] = ()) -> float:
    """Integrated loudness of a sound file, all its channels, LUFS.

    Args:
        path: of the file.
        through: filters of ffmpeg that it goes through before.

    Raises:
        StageError: if ffmpeg failed.
    """
    return _measure([*input_options(path), "-map", "0:a:0"], None, through)


def _measure(source: Sequence[str], sound: memoryview | None, through: Sequence[str] = ()) -> float:
    arguments = [
        *("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", *source),
        *("-af", ",".join([*through, "ebur128=framelog=quiet"]), "-f", "null", "-"),
    ]
    done = run_ffmpeg("measuring the loudness", arguments, sound, MAX_SECONDS)
    said = done.stderr.decode(errors="replace")
    found = re.search(r"I:\s+(\S+) LUFS", said)
    if done.returncode or found is None:
        raise StageError(f"mux failed: ffmpeg cannot measure the loudness: {said.strip()[-200:]}")
    return float(found[1])


def at_loudness(samples: FloatArray, sample_rate: int, loudness: float) -> FloatArray:
    """Bring sound to a loudness; a limiter holds down peaks that would be too high.

    What the limiter takes away is made up for by more gain, until the whole is as loud as wanted.

    Args:
        samples: [S] or [S, channels] in [-1, 1].
        sample_rate: of the samples.
        loudness: LUFS; 0 leaves the sound as it is, and so does silence.

    Returns:
        Samples of the same shape.

    Raises:
        StageError: if it cannot be measured, or cannot become that loud.
    """
    if loudness == 0 or (found := measure(samples, sample_rate)) < _SILENT:
        return samples
    gain, step = 0.0, loudness - found
    for _ in range(_ROUNDS):
        gain, before = gain + step, found
        sound = limit(samples, sample_rate, gain)
        found = measure(sound, sample_rate)
        wrong = loudness - found
        if abs(wrong) <= TOLERANCE:
            return sound
        heard = (found - before) / step if step else 1.0
        step = wrong / min(max(heard, LEAST_HEARD), 1.0)
    raise StageError(
        f"mux failed: the sound came to {found:.1f} LUFS, not {loudness:g}. Ask for a lower one."
    )


def limit(samples: FloatArray, sample_rate: int, gain: float = 0.0) -> FloatArray:
    """Hold the peaks of sound [S] or [S, channels] to the ceiling by a gain that changes smoothly.

    Args:
        samples: in [-1, 1].
        sample_rate: of the samples.
        gain: that comes before, dB.
    """
    limited, factor = np.empty(samples.shape, np.float32), np.float32(10 ** (gain / 20))
    reach = round(LIMITER_SECONDS * sample_rate)
    margin = 2 * reach + len(_TAPS) // 2
    for start in range(0, len(samples), _BLOCK):
        first, stop = max(0, start - margin), min(start + _BLOCK, len(samples))
        around, own = factor * samples[first : stop + margin], slice(start - first, stop - first)
        limited[start:stop] = (around[own].T * _held(around, reach)[own]).T
    return limited


def _held(samples: FloatArray, reach: int) -> FloatArray:
    """Gain [S] that holds sound [S] or [S, channels] to the ceiling, and changes within twice `reach`."""
    peaks = _peaks(samples if samples.ndim == 1 else samples.T).reshape(-1, len(samples)).max(0)
    if peaks.max(initial=0) <= CEILING:
        return np.ones(len(samples), np.float32)
    wanted = CEILING / np.maximum(peaks, np.float32(CEILING))
    held = _least(np.pad(wanted, 2 * reach, mode="edge"), 2 * reach + 1)
    return _mean(_mean(held, reach + 1), reach + 1)


def _peaks(samples: FloatArray) -> FloatArray:
    """Greatest size [..., S] of sound [..., S] at each sample and at seven places before it."""
    edge = [(0, 0)] * (samples.ndim - 1) + [(len(_TAPS) // 2, len(_TAPS) // 2)]
    seen = np.ascontiguousarray(sliding_window_view(np.pad(samples, edge), len(_TAPS), axis=-1))
    peaks: FloatArray = np.maximum(np.abs(samples), np.abs(seen @ _BETWEEN).max(-1))
    return peaks


def _mean(values: FloatArray, width: int) -> FloatArray:
    """Mean of every stretch of some width, [S - width + 1]."""
    sums = np.cumsum(np.concatenate([[0.0], values]))
    return np.asarray((sums[width:] - sums[:-width]) / width, np.float32)


def _least(values: FloatArray, width: int) -> FloatArray:
    """Least value in every stretch of some width, [S - width + 1]."""
    span = 1
    while span < width:
        step = min(span, width - span)
        values = np.minimum(values[:-step], values[step:])
        span += step
    return values
