"""The shipped voices beside the teachers that they were learnt from, on held-out sentences.

    python -m scripts.evaluate.voices --held work/held --out scripts/evaluate/VOICES.md

`work/held` has an aligned corpus of held-out sentences for every voice. Words and DNSMOS are of speech from
text; pitch is compared frame by frame where the flow is given the teacher's own phone times. Likeness is the
cosine of mean speaker embeddings (package `resemblyzer`).
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

import avgen
from avgen.metrics.words import word_error_rate
from avgen.performer import Performer
from avgen.speech import recognition
from avgen.text.labels import LABELS
from avgen.types import LOGIT, FloatArray
from scripts.mira.dataset import Recording, recordings
from scripts.train.data import frame_labels
from scripts.voices.corpus import Corpus

BOUNDS: Final = (
    "words wrong <= 5% each, 3.5% on average; P.808 within .2 of the teacher's and >= 3.7; own >= .80"
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """What one voice, or its teacher, sounded like.

    Attributes:
        words_wrong: share, by whisper tiny.en.
        p808: mean DNSMOS P.808.
        embedding: [256] unit length, mean of its sentences'.
        pitch: Hz, median of voiced frames.
        spread: standard deviation of the pitch in semitones.
    """

    words_wrong: float
    p808: float
    embedding: FloatArray
    pitch: float
    spread: float


def listen(
    texts: Sequence[str], sounds: Sequence[FloatArray], pitches: Sequence[FloatArray], encoder: Any
) -> Speaker:
    """What a recogniser, DNSMOS and a speaker encoder make of sentences at 22,050 Hz, with their F0."""
    heard = [recognition.to_recogniser_rate(sound) for sound in sounds]
    words = word_error_rate(list(texts), [recognition.transcribe(sound) for sound in heard])
    p808 = float(np.mean([recognition.dnsmos(sound)[1] for sound in heard]))
    embedding = np.mean([encoder.embed_utterance(trimmed(sound)) for sound in heard], axis=0)
    voiced = np.concatenate([pitch[pitch > 0] for pitch in pitches])
    semitones = 12 * np.log2(voiced)
    unit = embedding / np.linalg.norm(embedding)
    return Speaker(words, p808, unit, float(np.median(voiced)), float(semitones.std()))


def trimmed(samples: FloatArray) -> FloatArray:
    """Speech at 16 kHz as the speaker encoder wants it."""
    from resemblyzer import preprocess_wav

    wav: FloatArray = preprocess_wav(samples, source_sr=16_000)
    return wav


def told(voice: str, performer: Performer, frames: int) -> FloatArray:
    """[frames, V] the flow's condition of a voice."""
    names = list(performer.actor.voices)
    shares = np.zeros((frames, len(names)), np.float32)
    shares[:, names.index(voice)] = 1
    return shares


def pitch_of(performer: Performer, mel: FloatArray) -> FloatArray:
    """[N] Hz, 0 where unvoiced, as the vocoder reads it off a mel."""
    network = performer.models["vocoder"].network
    with torch.inference_mode():
        found: FloatArray = network.f0(network(torch.from_numpy(mel)[None]))[0].numpy()
    return found


def melody(performer: Performer, voice: str, spoken: Sequence[Recording], steps: int) -> float:
    """Correlation of log F0 with the teacher's, given its phone times; mean over sentences."""
    found = []
    for seed, recording in enumerate(spoken):
        labels = frame_labels(recording.phones, len(recording.mel))
        logits = LOGIT * np.eye(len(LABELS), dtype=np.float32)[labels]
        conditions = {"tokens": logits, "voice": told(voice, performer, len(labels))}
        tracks = performer.models["flow"].sample(conditions, seed, num_steps=steps)
        ours, theirs = pitch_of(performer, tracks["mel"]), recording.f0
        both = (ours > 0) & (theirs > 0)
        found.append(np.corrcoef(np.log(ours[both]), np.log(theirs[both]))[0, 1])
    return float(np.mean(found))


def measure(performer: Performer, voice: str, held: Path, steps: int, encoder: Any) -> tuple[Any, ...]:
    """The voice, its teacher, and how alike their melodies are."""
    corpus, spoken = Corpus(held / voice), recordings(held / voice)
    texts = [utterance.text for utterance in corpus]
    sounds, pitches = [], []
    for seed, text in enumerate(texts):
        take = performer.speak(text, seed=seed, steps=steps, voice=voice)
        sounds.append(take.waveform.samples)
        pitches.append(pitch_of(performer, take.codes["mel"]))
    own = listen(texts, sounds, pitches, encoder)
    theirs = [corpus.samples(number) for number in range(len(corpus))]
    teacher = listen(texts, theirs, [one.f0 for one in spoken], encoder)
    return own, teacher, melody(performer, voice, spoken, steps)


def row(voice: str, found: Mapping[str, tuple[Any, ...]]) -> str:
    """One line of the table."""
    own, teacher, correlation = found[voice]
    others = {name: float(own.embedding @ found[name][0].embedding) for name in found if name != voice}
    nearest = max(others, key=lambda name: others[name], default="")
    cells = [
        voice,
        f"{own.words_wrong:.1%} / {teacher.words_wrong:.1%}",
        f"{own.p808:.2f} / {teacher.p808:.2f}",
        f"{own.embedding @ teacher.embedding:.2f}",
        f"{others[nearest]:.2f} ({nearest})" if nearest else "",
        f"{own.pitch:.0f} / {teacher.pitch:.0f}",
        f"{own.spread:.1f} / {teacher.spread:.1f}",
        f"{correlation:.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def table(found: Mapping[str, tuple[Any, ...]], sentences: Mapping[str, int], command: str) -> str:
    """Markdown."""
    counts: NDArray[np.int64] = np.array(list(sentences.values()))
    mean = np.mean([own.words_wrong for own, *_ in found.values()])
    head = [
        "# Voices",
        "",
        f"`{command}`, {counts.min()} to {counts.max()} held-out sentences a voice, whisper tiny.en, on "
        f"{platform.machine()}. The teacher's own figure stands after the slash. Bounds: {BOUNDS}.",
        "",
        "| voice | words wrong | P.808 | like its teacher | nearest other voice | median F0, Hz | spread, "
        "semitones | melody's correlation |",
        "| --- " * 8 + "|",
    ]
    return "\n".join(
        [*head, *(row(voice, found) for voice in found), "", f"Words wrong, mean: {mean:.1%}.\n"]
    )


def main() -> None:
    """Measure, print, write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--held", type=Path, required=True, help="aligned corpora of held-out sentences")
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--voices", help="names; all of the actor's if left out")
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    from resemblyzer import VoiceEncoder

    performer, encoder = avgen.load_actor(args.actor), VoiceEncoder("cpu", verbose=False)
    voices = args.voices.split(",") if args.voices else list(performer.actor.voices)
    found, sentences = {}, {}
    for voice in voices:
        found[voice] = measure(performer, voice, args.held, args.steps, encoder)
        sentences[voice] = len(Corpus(args.held / voice))
        print(row(voice, found), flush=True)
    text = table(found, sentences, "python -m scripts.evaluate.voices")
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
