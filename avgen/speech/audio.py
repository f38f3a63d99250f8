"""Recordings: read, checked, resampled to the code rate's clock, and measured."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from avgen.errors import InputError
from avgen.types import HOP_SIZE, SAMPLE_RATE, FloatArray, Waveform

if TYPE_CHECKING:
    import soundfile

SUFFIXES: Final = (".wav", ".flac", ".mp3", ".ogg")
MIN_SECONDS: Final = 0.3
MAX_SECONDS: Final = 3600.0
"""Longest recording of one clip."""
MIN_RATE: Final = 8000
MAX_RATE: Final = 192_000
SILENT_DB: Final = -60.0
"""A recording whose loudest tenth of a second is below this (dB relative to full scale, RMS) is silent."""
ACTIVE_RANGE_DB: Final = 25.0
"""Frames this far below the loud ones do not count as speech."""
_BLOCK_SECONDS: Final = 30
_FILTER_REACH: Final = 64
"""Samples on either side that a resampled one depends on, rounded up."""
_FLOOR: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Format:
    """What a sound file says about itself.

    Attributes:
        sample_rate: samples per second.
        channels: per sample.
        samples: per channel.
    """

    sample_rate: int
    channels: int
    samples: int

    @property
    def seconds(self) -> float:
        """Length."""
        return self.samples / self.sample_rate


def check_recording(path: Path) -> Format:
    """Read a sound file's header; quick, so that a whole batch can be checked before any work.

    Raises:
        InputError: it is missing, no sound file, too short, too long, or of an odd sample rate.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            found = Format(file.samplerate, file.channels, file.frames)
    except (soundfile.LibsndfileError, OSError) as error:
        raise InputError(_unreadable(path, error)) from None
    if found.seconds < MIN_SECONDS:
        length = "is empty" if not found.samples else f"lasts {found.seconds:.2f} s"
        raise InputError(f"{path}: the recording {length}; at least {MIN_SECONDS} s are needed.")
    if found.seconds > MAX_SECONDS:
        raise InputError(
            f"{path}: the recording lasts {found.seconds / 60:.1f} minutes, the limit for one clip is "
            f"{MAX_SECONDS / 60:.0f}. Split it into several files."
        )
    if not MIN_RATE <= found.sample_rate <= MAX_RATE or gcd(found.sample_rate, SAMPLE_RATE) < 25:
        raise InputError(
            f"{path}: its sample rate of {found.sample_rate} Hz is not supported. Convert it, for example: "
            f"ffmpeg -i {path} -ar 44100 converted.wav"
        )
    return found


def read_recording(path: Path) -> Waveform:
    """Read a recording: channels averaged, 22,050 Hz, padded with silence to whole hops.

    Its level is kept, unless it overshoots full scale: then its peak becomes 1.

    Args:
        path: WAV, FLAC, MP3 or OGG file.

    Raises:
        InputError: it cannot be read to its end, is silent, or is refused by `check_recording`.
    """
    import soundfile

    found = check_recording(path)
    try:
        with soundfile.SoundFile(path) as file:
            samples = _resampled(file, found)
    except (soundfile.LibsndfileError, OSError) as error:
        raise InputError(_unreadable(path, error)) from None
    if not np.isfinite(samples).all():
        raise InputError(f"{path}: the recording has samples that are not finite. Export it again.")
    padded = np.pad(samples, (0, -len(samples) % HOP_SIZE))
    loudest = 10 * np.log10(_hop_power(padded).max() + _FLOOR)
    if loudest < SILENT_DB:
        raise InputError(
            f"{path}: the recording is silent: its loudest moment is at {loudest:.0f} dB. "
            "Check the microphone or the export."
        )
    return Waveform(padded / max(1.0, float(np.abs(padded).max())))


def speech_level(samples: FloatArray) -> float:
    """Level of the speech itself, pauses left out.

    Args:
        samples: [S] in [-1, 1], at least one hop.

    Returns:
        dB relative to full scale: mean power of the hops within 25 dB of the loud ones (their 95th centile).
    """
    power = _hop_power(samples) + _FLOOR
    threshold = np.quantile(power, 0.95) * 10 ** (-ACTIVE_RANGE_DB / 10)
    return float(10 * np.log10(power[power >= threshold].mean()))


def at_level(samples: FloatArray, level: float) -> FloatArray:
    """Scale speech [S] so that its `speech_level` becomes `level` dB; it may overshoot full scale."""
    gain = 10 ** ((level - speech_level(samples)) / 20)
    scaled: FloatArray = samples * np.float32(gain)
    return scaled


def _hop_power(samples: FloatArray) -> FloatArray:
    """[S // 256] mean square of every whole hop."""
    whole = samples[: len(samples) // HOP_SIZE * HOP_SIZE].reshape(-1, HOP_SIZE)
    power: FloatArray = np.square(whole, dtype=np.float32).mean(1)
    return power


def _resampled(file: soundfile.SoundFile, found: Format) -> FloatArray:
    """The whole file as mono at 22,050 Hz, in blocks that overlap by more than the filter is long.

    Blocks begin at multiples of the rates' ratio, where the filter's phases begin anew: the result is that of
    one pass over the whole.
    """
    import torch
    from torchaudio.functional import resample

    divisor = gcd(found.sample_rate, SAMPLE_RATE)
    unit_in, unit_out = found.sample_rate // divisor, SAMPLE_RATE // divisor
    halo, step = -(-_FILTER_REACH // unit_in), _BLOCK_SECONDS * divisor
    size, parts = (step + 2 * halo) * unit_in, []
    for number, block in enumerate(
        file.blocks(size, overlap=2 * halo * unit_in, dtype="float32", always_2d=True)
    ):
        made = resample(torch.from_numpy(block.mean(1)), found.sample_rate, SAMPLE_RATE).numpy()
        last = number * step * unit_in + len(block) >= found.samples or len(block) < size
        parts.append(made[halo * unit_out if number else 0 : None if last else (step + halo) * unit_out])
    return np.concatenate(parts)


def _unreadable(path: Path, error: Exception) -> str:
    if path.is_dir():
        return f"{path}: this is a folder. Give its recordings, for example: {path}/*.wav"
    if not path.exists():
        return f"{path}: there is no such file."
    return (
        f"{path}: cannot be read as sound ({error}). Expected one of {', '.join(SUFFIXES)}; "
        f"convert it, for example: ffmpeg -i {path} converted.wav"
    )
