"""File formats: the codecs that files of each kind hold, as options of ffmpeg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ENCODER_THREADS: Final = 2
"""Fixed, because the encoders' bytes depend on it."""
VP9_CRF_OFFSET: Final = 6
"""VP9 looks about like x264 at a constant rate factor that is greater by this."""
VP9_SPEEDS: Final = {
    "ultrafast": ("realtime", 8),
    "superfast": ("realtime", 7),
    "veryfast": ("realtime", 6),
    "faster": ("realtime", 5),
    "fast": ("good", 4),
    "medium": ("good", 3),
    "slow": ("good", 2),
    "slower": ("good", 1),
}
"""Deadline and cpu-used of libvpx for presets of x264."""
SOUND_RATE: Final = 48_000
"""Samples per second of the sound that files hold, which editors expect."""
_AAC_RATES: Final = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8000,
)
_SOUND: Final = {
    "mp4": ("-c:a", "aac", "-b:a"),
    "webm": ("-c:a", "libopus", "-b:a"),
    "mov": ("-c:a", "pcm_s16le"),
}
_KILOBITS: Final = {"mp4": 192, "webm": 96}
"""Per second, of one channel; two take half as much again. At 128, ffmpeg's AAC crackles in loud speech."""
_BITEXACT: Final = ("-fflags", "+bitexact", "-flags:v", "+bitexact")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How pictures are compressed.

    Attributes:
        format: one of `avgen.config.FORMATS`, or `png` for a file per picture.
        transparent: whether pictures have opacity: straight (not premultiplied), in 0..255.
        crf: constant rate factor of x264, translated for VP9; ProRes and PNG have none.
        speed: preset of x264, translated for VP9; ProRes and PNG have none.
    """

    format: str = "mp4"
    transparent: bool = False
    crf: int = 20
    speed: str = "veryfast"

    @property
    def channels(self) -> int:
        """Of the pictures: red, green, blue and perhaps opacity."""
        return 4 if self.transparent else 3


def picture_options(encoding: Encoding, fps: int) -> list[str]:
    """Return ffmpeg's options for the codec and the container of a picture track."""
    if encoding.format == "webm":
        deadline, cpu_used = VP9_SPEEDS[encoding.speed]
        return [
            *("-c:v", "libvpx-vp9", "-deadline", deadline, "-cpu-used", str(cpu_used), "-auto-alt-ref", "0"),
            *("-crf", str(encoding.crf + VP9_CRF_OFFSET), "-b:v", "0", "-g", str(2 * fps)),
            *("-threads", str(ENCODER_THREADS), "-tile-columns", "1"),
            *("-pix_fmt", "yuva420p" if encoding.transparent else "yuv420p", *_BITEXACT, "-f", "webm"),
        ]
    if encoding.format == "mov":
        return [
            *("-c:v", "prores_ks", "-profile:v", "4444", "-vendor", "apl0", "-alpha_bits", "16"),
            *("-threads", str(ENCODER_THREADS)),
            *("-pix_fmt", "yuva444p10le" if encoding.transparent else "yuv444p10le", *_BITEXACT, "-f", "mov"),
        ]
    if encoding.format == "png":
        return [
            *("-c:v", "png", "-pred", "sub", "-compression_level", "1", "-threads", str(ENCODER_THREADS)),
            *("-pix_fmt", "rgba" if encoding.transparent else "rgb24", *_BITEXACT),
            *("-f", "image2", "-start_number", "1"),
        ]
    return [
        *("-c:v", "libx264", "-preset", encoding.speed, "-crf", str(encoding.crf)),
        *("-threads", str(ENCODER_THREADS), "-pix_fmt", "yuv420p", "-g", str(2 * fps)),
        *("-bsf:v", "filter_units=remove_types=6", *_BITEXACT, "-f", "mp4"),
    ]


def sound_rate(file_format: str, own: int) -> int:
    """Return the sample rate at which a file holds sound of a rate of its own: the same, if it can."""
    kept = {"mp4": own in _AAC_RATES, "mov": True}.get(file_format, False)
    return own if kept else SOUND_RATE


def mux_options(file_format: str, sample_rate: int = SOUND_RATE, channels: int = 1) -> list[str]:
    """Return ffmpeg's options for the sound and the container of a finished file."""
    sound = [*_SOUND[file_format]]
    if file_format in _KILOBITS:
        sound.append(f"{_KILOBITS[file_format] * (1 + channels) // 2}k")
    sound += ["-ar", str(sample_rate), "-ac", str(channels), "-map_metadata", "-1"]
    if file_format == "webm":  # the track's own metadata say that it has opacity
        return [*sound, "-map_metadata:s:v:0", "0:s:v:0", "-fflags", "+bitexact", "-f", "webm"]
    return [
        *sound,
        *("-fflags", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart", "-f", file_format),
    ]
