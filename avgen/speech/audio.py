"""Recordings: read, checked, resampled to the code rate's clock, and measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from avgen.errors import InputError
from avgen.media.decoding import decoded, demuxer_of, probe
from avgen.types import HOP_SIZE, SAMPLE_RATE, FloatArray, Waveform

if TYPE_CHECKING:
    import soundfile

SUFFIXES: Final = (
    *(".wav", ".flac", ".mp3", ".ogg", ".opus", ".aif", ".aiff"),
    *(".m4a", ".aac", ".mp4", ".mov", ".webm", ".mkv", ".mka"),
)
"""What is taken for a recording; the second row is decoded by ffmpeg, of a video its sound."""
CANCELLED: Final = 0.01
"""Channels whose mean has less than this share of the loudest one's power cancel each other."""
SAME: Final = 1e-4
"""Channels whose difference has less than this share of their power are the same."""
MIN_SECONDS: Final = 0.3
MAX_SECONDS: Final = 3600.0
"""Longest recording of one clip."""
MIN_RATE: Final = 8000
MAX_RATE: Final = 192_000
SILENT_DB: Final = -60.0
"""A recording whose loudest tenth of a second is below this (dB relative to full scale, RMS) is silent."""
ACTIVE_RANGE_DB: Final = 25.0
"""Frames this far below the loud ones do not count as speech."""
READ_FRAMES: Final = 1 << 15
_BLOCK_SECONDS: Final = 30
_FILTER_REACH: Final = 64
"""Samples on either side that a resampled one depends on, rounded up."""
_FLOOR: Final = 1e-10


class Format(NamedTuple):
    """What a sound file says about itself."""

    sample_rate: int
    """Samples per second."""
    channels: int
    """Per sample."""
    seconds: float
    """Length."""


def check_recording(path: Path) -> Format:
    """Read a sound file's header; quick, so that a whole batch can be checked before any work.

    Raises:
        InputError: it is missing, no sound file, too short, too long, or of an odd sample rate.
    """
    try:
        demuxer = demuxer_of(path)
        found = _format_of(path) if demuxer is None else Format(*probe(path, demuxer))
    except OSError as error:
        raise InputError(_unreadable(path, error.strerror or str(error))) from None
    if found.seconds < MIN_SECONDS:
        length = "is empty" if not found.seconds else f"lasts {found.seconds:.2f} s"
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


def read_recording(path: Path, channel: int | None = None) -> Waveform:
    """Read a recording: one channel, 22,050 Hz, padded with silence to whole hops.

    Channels are averaged; where they cancel each other, the loudest one counts alone. The level is kept,
    unless it overshoots full scale: then its peak becomes 1.

    Args:
        path: any file whose suffix is one of SUFFIXES.
        channel: of two, which is read alone; None for all.

    Raises:
        InputError: it cannot be read to its end, is silent, or is refused by `check_recording`; or one of its
            channels is asked for and they are the same.
    """
    found = check_recording(path)
    demuxer = demuxer_of(path)
    with nullcontext(path) if demuxer is None else decoded(path, demuxer, found.seconds) as file:
        samples = _read(path, file, channel)
    if not np.isfinite(samples).all():
        raise InputError(f"{path}: the recording has samples that are not finite. Export it again.")
    padded = np.pad(samples, (0, -len(samples) % HOP_SIZE))
    loudest = 10 * np.log10(hop_power(padded).max() + _FLOOR)
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
    power = hop_power(samples) + _FLOOR
    threshold = np.quantile(power, 0.95) * 10 ** (-ACTIVE_RANGE_DB / 10)
    return float(10 * np.log10(power[power >= threshold].mean()))


def at_level(samples: FloatArray, level: float) -> FloatArray:
    """Scale speech [S] so that its `speech_level` becomes `level` dB; it may overshoot full scale."""
    gain = 10 ** ((level - speech_level(samples)) / 20)
    scaled: FloatArray = samples * np.float32(gain)
    return scaled


def hop_power(samples: FloatArray) -> FloatArray:
    """Mean square [S // 256] of every whole hop of samples [S]."""
    whole = samples[: len(samples) // HOP_SIZE * HOP_SIZE].reshape(-1, HOP_SIZE)
    power: FloatArray = np.square(whole, dtype=np.float32).mean(1)
    return power


def _format_of(path: Path) -> Format:
    """Header of a file that libsndfile reads; of a WAV file, that it holds what it says."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            found = Format(file.samplerate, file.channels, file.frames / file.samplerate)
            subtype_bytes = {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4}.get(file.subtype)
    except soundfile.LibsndfileError as error:
        raise InputError(_unreadable(path, str(error))) from None
    if subtype_bytes is not None and (claimed := _claimed_bytes(path)) is not None:
        seconds = claimed / (subtype_bytes * found.channels * found.sample_rate)
        if seconds > found.seconds + 1:
            raise InputError(_cut(path, seconds, found.seconds))
    return found


def _claimed_bytes(path: Path) -> int | None:
    """Size that a WAV file's data chunk says it has; None for other files, and while it is not known."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
            return None
        while len(head := file.read(8)) == 8:
            size = int.from_bytes(head[4:], "little")
            if head[:4] == b"data":
                return None if size >= 0xFFFFFF00 else size  # a recorder that writes to a pipe does not know
            file.seek(size + size % 2, 1)
    return None


def _read(path: Path, readable: Path, channel: int | None) -> FloatArray:
    """One channel at 22,050 Hz of a file that libsndfile reads; `path` is its name in messages."""
    import soundfile

    try:
        with soundfile.SoundFile(readable) as file:
            shares = _shares(file) if channel is None else _alone(file, channel, path)
            file.seek(0)
            return _resampled(file, shares, path)
    except (soundfile.LibsndfileError, OSError) as error:
        raise InputError(_unreadable(path, str(error))) from None


def _shares(file: soundfile.SoundFile) -> FloatArray:
    """Share [channels] of each channel in the mixture: equal ones, or all of the loudest if they cancel."""
    channels = file.channels
    own, mixed = np.zeros(channels), 0.0
    if channels > 1:
        for block in _blocks(file, file.frames):
            own += np.square(block, dtype=np.float64).sum(0)
            mixed += float(np.square(block.mean(1), dtype=np.float64).sum())
    if mixed < CANCELLED * own.max():
        loudest: FloatArray = np.eye(channels, dtype=np.float32)[int(own.argmax())]
        return loudest
    equal: FloatArray = np.full(channels, 1 / channels, np.float32)
    return equal


def _alone(file: soundfile.SoundFile, channel: int, path: Path) -> FloatArray:
    """Share [channels] of each channel where one is read alone.

    Raises:
        InputError: there is one channel, or all of them are the same.
    """
    apart, power = 0.0, 0.0
    for block in _blocks(file, file.frames):
        apart += float(np.square(np.ptp(block, axis=1), dtype=np.float64).sum())
        power += float(np.square(block, dtype=np.float64).sum())
    if apart <= SAME * power:
        raise InputError(
            f"{path}: its channels are the same. A recording of two people has one on each; without "
            "--speaker-channel all of it is the actor's speech."
        )
    alone: FloatArray = np.eye(file.channels, dtype=np.float32)[channel]
    return alone


def _blocks(file: soundfile.SoundFile, frames: int) -> Iterator[FloatArray]:
    """Yield the next samples of a file in blocks [n, channels], in all as many frames as there are, at most.

    Small ones: libsndfile fills a large block beyond a gap in the file with anything.
    """
    while frames and len(block := file.read(min(frames, READ_FRAMES), dtype="float32", always_2d=True)):
        frames -= len(block)
        yield block


def _resampled(file: soundfile.SoundFile, shares: FloatArray, path: Path) -> FloatArray:
    """The whole file as mono at 22,050 Hz, in blocks that overlap by more than the filter is long.

    Blocks begin at multiples of the rates' ratio, where the filter's phases begin anew: the result is that of
    one pass over the whole.
    """
    import torch
    from torchaudio.functional import resample

    rate, total = file.samplerate, file.frames
    divisor = gcd(rate, SAMPLE_RATE)
    unit_in, unit_out = rate // divisor, SAMPLE_RATE // divisor
    halo, step = -(-_FILTER_REACH // unit_in), _BLOCK_SECONDS * divisor
    window, parts, come = np.zeros(0, np.float32), list[FloatArray](), 0
    while come < total:
        blocks = [block @ shares for block in _blocks(file, (step + 2 * halo) * unit_in - len(window))]
        come += sum(map(len, blocks))
        window = np.concatenate([window, *blocks])
        if come < total and len(window) < (step + 2 * halo) * unit_in:
            raise InputError(_cut(path, total / rate, come / rate))
        made = resample(torch.from_numpy(window), rate, SAMPLE_RATE).numpy()
        first, stop = halo * unit_out if parts else 0, (step + halo) * unit_out
        parts.append(made[first : None if come >= total else stop])
        window = window[step * unit_in :]
    return np.concatenate(parts)


def _cut(path: Path, claimed: float, there: float) -> str:
    return (
        f"{path}: the recording is damaged or was cut off: it says that it lasts {claimed:.2f} s, but only "
        f"{there:.2f} s can be read. Export or copy it again."
    )


def _unreadable(path: Path, reason: str) -> str:
    if path.is_dir():
        return f"{path}: this is a folder. Give its recordings, for example: {path}/*.wav"
    if not path.exists():
        return f"{path}: there is no such file."
    return (
        f"{path}: cannot be read as sound ({reason}). Expected one of {', '.join(SUFFIXES)}; "
        f"convert it, for example: ffmpeg -i {path} converted.wav"
    )
