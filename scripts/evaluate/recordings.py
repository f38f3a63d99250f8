"""Recordings as input: what the extractor hears of people and of voices it never heard, and how lips follow.

    python -m scripts.evaluate.recordings --parts parts --kokoro kokoro --out scripts/evaluate/RECORDINGS.md

People speak out of the packages that people.yaml names, in wide band and on the telephone; `flite`'s
voices, where it is installed, and Kokoro's that no corpus holds read the first sentences. The wide band is
also measured in noise, in music, in a room, through a telephone's band and a codec, and clipped. What
people say is also recognised, as `--transcript auto` does. Edit errors compare the consonants that are
heard with those of the text and need no times. Times of people's phones are pocketsphinx's, which agree
with flite's own in 87% of consonant frames; those of Kokoro's are found by the extractor itself, which
flatters it. Motion is generated of the first clips of every voice, of sounds in which nobody speaks, and of
the gap of a speaker behind whom another one is heard.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile

import avgen
from avgen.inputs.clips import Recording
from avgen.media.ffmpeg import run_ffmpeg
from avgen.performer import Performer
from avgen.speech.recognition import RECOGNISE
from avgen.stages.extract import extract
from avgen.stages.sources import read_transcript
from avgen.types import CODE_RATE, SAMPLE_RATE, FloatArray, Interval, Waveform
from scripts.evaluate.hearing import VOWEL, Scores, gap_moves, score, sounds
from scripts.evaluate.people import Spoken, at_rate, read_people, sound_of
from scripts.mira.align import utterance_table
from scripts.mira.phones import VOWELS, is_pause
from scripts.train.augment import breath, coloured, hush, in_room, music, telephone, tones
from scripts.train.time_labels import time_phones
from scripts.voices.corpus import UNHEARD, reader
from scripts.voices.teachers import TEACHER_RATE, KokoroTeacher

Rng = np.random.Generator
FLITE: Final = {"rms": "American man", "slt": "American woman", "awb": "Scottish man"}
WANTED: Final = (
    "Wanted: edit errors of at most 15% of people, 18% on the telephone, 20% in noise at 10 dB; 75, 85 and "
    "90% of the consonant frames of people, flite and Kokoro; F1 of .93; lips that close on 97%, and that "
    "move in 2% of the frames in which nobody speaks."
)
SILENT_SECONDS: Final = 6.0
"""Of every sound in which nobody speaks."""
CONDITIONS: Final[dict[str, Callable[[FloatArray, Rng], FloatArray]]] = {
    "noise at 10 dB": lambda samples, rng: _mixed(samples, coloured(len(samples), 0.5, rng), 10),
    "music at 10 dB": lambda samples, rng: _mixed(samples, music(len(samples), rng), 10),
    "in a room": in_room,
    "telephone's band": telephone,
    "Opus at 8 kbit/s": lambda samples, rng: _coded(samples, ["-c:a", "libopus", "-b:a", "8k", "-f", "ogg"]),
    "clipped": lambda samples, rng: np.clip(samples, -samples.std(), samples.std()),
}
SILENCES: Final[dict[str, Callable[[int, Rng], FloatArray]]] = {
    "tone": tones,
    "music": music,
    "noise": lambda size, rng: coloured(size, 0.5, rng),
    "breathing": breath,
    "silence": hush,
}


def _mixed(samples: FloatArray, other: FloatArray, below: float) -> FloatArray:
    """A sound of power 1 under speech, some dB below its power."""
    power = float(np.mean(samples[np.abs(samples) > 0.01 * np.abs(samples).max()] ** 2))
    mixed: FloatArray = samples + other * np.float32(np.sqrt(power) * 10 ** (-below / 20))
    return mixed


def _coded(samples: FloatArray, codec: Sequence[str]) -> FloatArray:
    """What a codec leaves of samples [S], as long as they are."""
    sound = ["-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "1"]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "coded")
        there = ["-v", "error", *sound, "-i", "pipe:0", *codec, path]
        run_ffmpeg("coding", there, samples.astype("<f4").tobytes())
        back = run_ffmpeg("decoding", ["-v", "error", "-i", path, *sound, "pipe:1"]).stdout
    decoded = np.frombuffer(back, "<f4")[: len(samples)]
    return np.pad(decoded, (0, len(samples) - len(decoded)))


def changed(clips: Sequence[Spoken], condition: str) -> list[Spoken]:
    """The same clips recorded in another way."""
    rngs = (np.random.default_rng([99, number]) for number in range(len(clips)))
    change = CONDITIONS[condition]
    return [replace(clip, samples=change(clip.samples, rng)) for clip, rng in zip(clips, rngs, strict=True)]


def read_flite(voice: str, sentences: Sequence[str]) -> Iterator[Spoken]:
    """Yield sentences in a voice of flite, with its own times."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        for number, sentence in enumerate(sentences):
            command = ["flite", "-voice", voice, "-psdur", "-t", f"{sentence} ", "-o", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            pairs = [entry.rsplit(":", 1) for entry in done.stdout.split()]
            ends = [float(end) for _, end in pairs]
            spans = zip(pairs, [0.0, *ends], ends, strict=False)
            phones = tuple(Interval(sound_of(name), start, end) for (name, _), start, end in spans)
            rate, samples = wavfile.read(path)
            wave = at_rate(samples.astype(np.float32) / 32768, rate, SAMPLE_RATE)
            yield Spoken(f"{voice} {number}", wave, sentence, phones)


def read_kokoro(folder: Path, voice: str, sentences: Sequence[str], performer: Performer) -> Iterator[Spoken]:
    """Yield sentences in a voice of Kokoro, timed by the actor's extractor."""
    teacher = KokoroTeacher(folder, {voice: 1.0})
    for number, sentence in enumerate(sentences):
        phonemes = reader().phonemes(sentence)
        if phonemes is None:
            continue
        spoken = teacher.speak(phonemes, 1.0, np.random.default_rng(number))
        samples = at_rate(spoken.samples, TEACHER_RATE, SAMPLE_RATE)
        table = utterance_table(spoken.ids, spoken.durations)
        timed = time_phones(performer.models["extractor"].logits(samples), table)
        phones = tuple(Interval(_plain(phone.name), phone.start, phone.end) for phone in timed)
        yield Spoken(f"{voice} {number}", samples, sentence, phones)


def _plain(symbol: str) -> str:
    """A teacher's symbol as a sound."""
    if is_pause(symbol):
        return "$"
    return VOWEL if symbol in VOWELS else {"ɾ": "t", "T": "t", "ʔ": "t"}.get(symbol, symbol)


def perform(
    performer: Performer, samples: FloatArray, seed: int, transcript: str | None = None
) -> tuple[NDArray[np.str_], FloatArray]:
    """Sounds [N] heard in a recording [S], and the lip gap [N] in metres of the motion generated for it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        peak = max(1.0, float(np.abs(samples).max()))
        wavfile.write(path, SAMPLE_RATE, (samples / peak * 32767).astype(np.int16))
        take = performer.follow(path, seed=seed, transcript=transcript)
        gap = performer.models["avatar"].codec.lip_gap(take.codes["face"])
        return sounds(take.tokens.logits.argmax(1)), gap


def listen(
    performer: Performer, clips: Sequence[Spoken], moved: int, transcript: str | None = None
) -> Scores:
    """What is heard of some clips, and how lips move to the first of them."""
    found = Scores()
    for number, clip in enumerate(clips):
        if number < moved:
            heard, gap = perform(performer, clip.samples, number, transcript)
        else:
            heard, gap = hear(performer, clip.samples, transcript), None
        score(found, clip.phones, heard, gap)
    return found


def hear(performer: Performer, samples: FloatArray, transcript: str | None = None) -> NDArray[np.str_]:
    """Sounds [N] heard in a recording [S]."""
    recording, said = Waveform(samples), None
    if transcript is not None:
        source = Recording(Path(), "", "speech", recognised=True)
        said = read_transcript(source, None, (), lambda: recording)
    return sounds(extract(recording, performer.models["extractor"], said).logits.argmax(1))


def silences(performer: Performer, clips: Sequence[Spoken]) -> Iterator[tuple[str, float, float]]:
    """Yield, where nobody speaks, the shares of frames heard as sounds and of frames with moving lips."""
    size = int(SILENT_SECONDS * SAMPLE_RATE)
    for name, make in SILENCES.items():
        samples = 0.05 * make(size, np.random.default_rng([98, len(name)])).astype(np.float32)
        heard, gap = perform(performer, samples, 0)
        yield name, float((heard != "$").mean()), gap_moves(gap)
    first, second = clips[0].samples, clips[1].samples
    pause = np.zeros(4 * SAMPLE_RATE, np.float32)
    samples = np.concatenate([first, pause, first])
    behind = np.resize(second, len(samples)) * (first.std() / second.std()) * 10 ** (-20 / 20)
    heard, gap = perform(performer, samples + behind.astype(np.float32), 0)
    start = int((len(first) / SAMPLE_RATE + 0.3) * CODE_RATE)
    inside = slice(start, start + int(3.4 * CODE_RATE))
    yield "another voice, 20 dB below", float((heard[inside] != "$").mean()), gap_moves(gap[inside])


def groups(args: argparse.Namespace, performer: Performer) -> Iterator[tuple[str, list[Spoken]]]:
    """Yield all clips by who speaks and how."""
    wide = list(read_people(args.parts, "wide band"))
    yield "people, wide band", wide
    for condition in CONDITIONS:
        yield f"people, {condition}", changed(wide, condition)
    yield "a woman on the telephone", list(read_people(args.parts, "telephone"))
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()[: args.count]
    for voice, who in FLITE.items() if shutil.which("flite") else ():
        yield f"flite {voice}, {who}", list(read_flite(voice, sentences))
    unseen = sorted(UNHEARD - {"af_nicole"}) if args.kokoro else []
    kokoro = [clip for voice in unseen for clip in read_kokoro(args.kokoro, voice, sentences, performer)]
    for condition in ("", "noise at 10 dB", "telephone's band") if kokoro else ():
        name = f"unseen Kokoro, {condition or 'clean'}"
        yield name, changed(kokoro, condition) if condition else kokoro


def main() -> None:
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--parts", type=Path, required=True, help="folder of the packages in people.yaml")
    parser.add_argument("--kokoro", type=Path, help="folder that scripts.voices.teachers made")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--count", type=int, default=6, help="sentences of each synthetic voice")
    parser.add_argument("--moved", type=int, default=4, help="clips of each voice to which lips move")
    parser.add_argument("--out", type=Path, help="markdown file")
    args = parser.parse_args()
    performer = avgen.load_actor(args.actor)
    command = f"python -m scripts.evaluate.recordings --count {args.count} --moved {args.moved}"
    lines = [f"Made by `{command}` on {platform.machine()}, Python {platform.python_version()}.", ""]
    lines += [f"| voice | {' | '.join(Scores.COLUMNS)} |", "| --- " * (1 + len(Scores.COLUMNS)) + "|"]
    wide: list[Spoken] = []
    for name, clips in groups(args, performer):
        wide = wide or clips
        moved = 0 if name.startswith("people, ") and clips is not wide else args.moved
        are_people = name.startswith(("people", "a woman"))
        for transcript in (None, RECOGNISE) if are_people else (None,):
            row = listen(performer, clips, moved, transcript).row()
            lines.append(f"| {name}{', recognised' if transcript else ''} | {' | '.join(row)} |")
            print(lines[-1], flush=True)
    lines += [
        "",
        "| nobody speaks | frames heard as sounds | frames in which lips move |",
        "| --- " * 3 + "|",
    ]
    for name, heard, moving in silences(performer, wide):
        lines.append(f"| {name} | {heard:.1%} | {moving:.1%} |")
        print(lines[-1], flush=True)
    lines += ["", WANTED]
    if args.out:
        args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
