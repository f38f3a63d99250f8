"""Speech and motion of an actor on held-out sentences: every measure of the paper, beside the reference.

    python -m scripts.evaluate.heldout --reference work/passages_eval --contact work/contact.npz \
        --corpus work/held/mira --out scripts/evaluate/HELDOUT.md

Speech: each sentence goes the whole way from text to sound, and recognisers say what they hear. Motion: the
flow is given the reference's own phoneme times, so that it can be compared frame by frame with the
performance of the same sentence. No training text contains these sentences. The second column is the
performance synthesiser with the teacher's voice, measured alike.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import avgen
from avgen.metrics.words import character_error_rate, word_error_rate
from avgen.performer import Performer, Take
from avgen.speech import recognition
from avgen.types import FloatArray
from scripts.evaluate.against_reference import generate, measure, reference_take
from scripts.mira.contact import Contact, load_contact
from scripts.mira.dataset import Passage, Passages, perform_recording
from scripts.voices.corpus import Corpus

Values = dict[str, float]
BEAT_TAKES: Final = 4
"""Takes of every passage whose beats are measured; the other measures need one."""
PERFORMANCES: Final = 8
"""The same of the reference, whose takes cost next to nothing."""
OTHER_SEEDS: Final = 1_000_000
"""Distance of a performance's seed from that of the one before."""
ROWS: Final = (
    ("word_error_rate", "words wrong, whisper tiny.en", "{:.1%}", "15.7%"),
    ("character_error_rate", "characters wrong, whisper tiny.en", "{:.1%}", ""),
    ("strict_word_error_rate", "words wrong, pocketsphinx", "{:.1%}", ""),
    ("dnsmos", "DNSMOS overall", "{:.2f}", ""),
    ("dnsmos_p808", "DNSMOS P.808", "{:.2f}", ""),
    ("mcd", "mel cepstral distortion, warped, dB", "{:.2f}", "0.900"),
    ("lip_f1_bilabials", "lip closures on p, b, m, F1", "{:.3f}", ""),
    ("lip_f1", "lip closures, F1 over all frames of speech", "{:.3f}", "0.964"),
    ("smile_f1", "smiles, F1", "{:.3f}", "0.611"),
    ("smiling", "frames with a smile", "{:.1%}", ""),
    ("frechet_face", "FD_e of face codes", "{:.3f}", "0.861"),
    ("frechet_face_halves", "FD_e to another half of the reference", "{:.3f}", ""),
    ("frechet_face_ratio", "the same over that of reference and reference", "{:.2f}", ""),
    ("frechet_head_halves", "FD_h to another half of the reference, degrees and mm", "{:.2f}", ""),
    ("diversity_face", "Div_e, face codes", "{:.3f}", "0.680"),
    ("diversity_head", "Div_h, quaternion and metres", "{:.4f}", "0.029"),
    ("beat_face", "BC_e, sound and face", "{:.3f}", "0.229"),
    ("beat_face_shuffled", "the same with other sentences' sound", "{:.3f}", ""),
    ("beat_face_margin", "margin, of the reference's", "{:.0%}", ""),
    ("beat_face_margin_error", "standard error of that", "{:.0%}", ""),
    ("beat_head", "BC_h, sound and head", "{:.3f}", "0.258"),
    ("beat_head_shuffled", "the same with other sentences' sound", "{:.3f}", ""),
    ("beat_head_margin", "margin, of the reference's", "{:.0%}", ""),
    ("beat_head_margin_error", "standard error of that", "{:.0%}", ""),
    ("lip_delay_ms", "lips behind the performance's, ms", "{:.1f}", ""),
    ("lip_correlation", "correlation of the lips' openings then", "{:.2f}", ""),
    ("sound_delay_ms", "sound behind the teacher's, ms", "{:.1f}", ""),
    ("av_offset_ms", "A/V offset: lips behind sound, less the reference's, ms", "{:.1f}", ""),
    ("blinks", "blinks a minute, lids half closed", "{:.1f}", ""),
    ("full_blinks", "blinks a minute, lids closed by nine tenths", "{:.1f}", ""),
    ("gaze_sd", "gaze sideways, standard deviation in units", "{:.3f}", ""),
    ("brow_sd", "inner brows, standard deviation", "{:.3f}", ""),
    ("jaw_sd", "jaw, standard deviation", "{:.3f}", ""),
    ("head_pitch_sd", "head pitch, standard deviation in degrees", "{:.2f}", ""),
    ("head_yaw_sd", "head yaw", "{:.2f}", ""),
    ("head_roll_sd", "head roll", "{:.2f}", ""),
    ("tokens_seconds", "tokens, seconds per second of video", "{:.4f}", ""),
    ("flow_seconds", "flow, seconds per second of video", "{:.3f}", ""),
    ("vocoder_seconds", "vocoder, seconds per second of video", "{:.4f}", ""),
    ("flow_cpu_seconds", "flow, CPU seconds of all threads per second of video", "{:.3f}", ""),
)
"""Key, label, format, and the paper's figure on its own data (best of tables 1 to 3 without guidance)."""


@dataclass(slots=True)
class Speech:
    """What was spoken, and the work it took: wall-clock and CPU seconds of tokens, flow and vocoder."""

    sounds: list[FloatArray] = field(default_factory=list)
    work: NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, 3)))
    seconds: float = 0.0

    @property
    def speed(self) -> Values:
        """Seconds of work per second of video."""
        wall, cpu = (self.work / self.seconds).tolist()
        names = ("tokens", "flow", "vocoder")
        return {
            **{f"{name}_seconds": spent for name, spent in zip(names, wall, strict=True)},
            **{f"{name}_cpu_seconds": spent for name, spent in zip(names, cpu, strict=True)},
        }


def speak(performer: Performer, sentences: Sequence[str], steps: int) -> Speech:
    """Text to sound, one clip per sentence; the seed is its number."""
    result = Speech()
    for seed, text in enumerate(sentences):
        take = performer.speak(text, seed=seed, steps=steps)
        work = make(take)
        if seed:  # the first clip also loads the models
            result.work += work
            result.seconds += take.waveform.duration
        result.sounds.append(take.waveform.samples)
    return result


def make(take: Take) -> NDArray[np.float64]:
    """Make tokens, codes and sound of a take; returns the wall-clock and CPU seconds of each, [2, 3]."""
    clock = [_clock()]
    for part in (lambda: take.tokens, lambda: take.codes, lambda: take.waveform):
        part()
        clock.append(_clock())
    return np.diff(clock, axis=0).T


def _clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def listen(sentences: Sequence[str], sounds: Sequence[FloatArray], every: int) -> tuple[Values, list[str]]:
    """Error rates of both recognisers, DNSMOS of every n-th clip, and what whisper heard."""
    heard, strictly, scores = [], [], []
    for number, sound in enumerate(sounds):
        samples = recognition.to_recogniser_rate(sound)
        heard.append(recognition.transcribe(samples))
        strictly.append(recognition.transcribe_strictly(samples))
        if number % every == 0:
            scores.append(recognition.dnsmos(samples))
    overall, p808 = np.mean(scores, axis=0).tolist()
    return {
        "word_error_rate": word_error_rate(sentences, heard),
        "character_error_rate": character_error_rate(sentences, heard),
        "strict_word_error_rate": word_error_rate(sentences, strictly),
        "dnsmos": overall,
        "dnsmos_p808": p808,
    }, heard


def other_decoder(performer: Performer, sentences: Sequence[str], steps: int) -> tuple[str, float]:
    """Word error rate with logits decoded the way that is not the actor's default."""
    network = performer.models["text_to_tokens"]
    default = network.config
    decoder = "flow" if default.decoder == "repeat" else "repeat"
    network.config = replace(default, decoder=decoder)
    sounds = speak(performer, sentences, steps).sounds
    network.config = default
    heard = [recognition.transcribe(recognition.to_recogniser_rate(sound)) for sound in sounds]
    return f"words wrong, logits by {decoder} instead of {default.decoder}", word_error_rate(sentences, heard)


def perform_again(passages: Sequence[Passage], contact: Contact) -> Iterator[Passage]:
    """The passages, and as often as it takes the same speech performed with other seeds."""
    yield from passages
    for take in range(1, PERFORMANCES):
        for number, passage in enumerate(passages):
            seed = OTHER_SEEDS * take + number
            yield perform_recording(passage, contact, seed, passage.emotion)


def relate(own: Values, yardstick: Values) -> None:
    """Add what is a share of the reference's; the error of a share is that of both, as independent."""
    for values in (own, yardstick):
        values["frechet_face_ratio"] = values["frechet_face_halves"] / yardstick["frechet_face_halves"]
        for part in ("face", "head"):
            margin, whole = (v[f"beat_{part}"] - v[f"beat_{part}_shuffled"] for v in (values, yardstick))
            share = values[f"beat_{part}_margin"] = margin / whole if whole else float("nan")
            error = values[f"beat_{part}_error"]
            if values is not yardstick:
                error = np.hypot(error, share * yardstick[f"beat_{part}_error"])
            values[f"beat_{part}_margin_error"] = float(error) / whole if whole else float("nan")


def table(own: Values, yardstick: Values, extra: Mapping[str, float], about: str) -> str:
    """Markdown table with the command and machine that made it."""

    def rows() -> Iterator[str]:
        for key, label, layout, paper in ROWS:
            if key in own:
                reference = layout.format(yardstick[key]) if key in yardstick else ""
                yield f"| {label} | {layout.format(own[key])} | {reference} | {paper} |"
        for label, value in extra.items():
            yield f"| {label} | {value:.1%} | | |"

    head = ["| measure | actor | reference | paper, its own data |", "| --- | --- | --- | --- |"]
    return "\n".join([about, "", *head, *rows()]) + "\n"


def main() -> None:
    """Measure, print and write the table, and beside it the figures as JSON with what was heard."""
    args = parse()
    performer = avgen.load_actor(args.actor)
    models = performer.models
    sentences = args.sentences.read_text(encoding="utf-8").splitlines()[: args.limit]
    passages = [passage for passage, _ in zip(Passages(args.reference), sentences, strict=False)]
    speech = speak(performer, sentences, args.steps)
    own, heard = listen(sentences, speech.sounds, args.dnsmos_every)
    own |= speech.speed
    avatar = models["avatar"]
    reference = [reference_take(passage, avatar) for passage in passages]
    takes = [
        generate(passage, models["flow"], models["head_vae"], seed, args.steps, models["vocoder"])
        for seed, passage in enumerate(passages * BEAT_TAKES)
    ]
    own |= measure(takes, reference, passages, avatar)
    performed = perform_again(passages, load_contact(args.contact))
    yardstick = measure([reference_take(p, avatar) for p in performed], reference, passages, avatar)
    if args.corpus:
        corpus = Corpus(args.corpus)
        texts = [corpus[number].text for number in range(len(sentences))]
        sounds = [corpus.samples(number) for number in range(len(sentences))]
        yardstick |= listen(texts, sounds, args.dnsmos_every)[0]
    relate(own, yardstick)
    extra = dict([other_decoder(performer, sentences, args.steps)]) if args.other_decoder else {}
    text = table(own, yardstick, extra, about(args, len(sentences), speech.seconds))
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
        pairs = [{"said": a, "heard": b} for a, b in zip(sentences, heard, strict=True)]
        figures: dict[str, Any] = {"actor": own, "reference": yardstick, **extra, "sentences": pairs}
        args.out.with_suffix(".json").write_text(
            json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


def about(args: argparse.Namespace, count: int, seconds: float) -> str:
    """How the figures were made."""
    return (
        f"{count} sentences, {seconds:.0f} s of speech. Made by `python -m scripts.evaluate.heldout --steps "
        f"{args.steps}` on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        "formulas in avgen/metrics. Beat alignment: sigma 3 frames (35 ms), motion beats within speech, "
        f"{BEAT_TAKES} takes of every sentence, {PERFORMANCES} performances."
    )


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actor", default="mira")
    parser.add_argument("--sentences", type=Path, default=Path("tests/data/eval_sentences.txt"))
    parser.add_argument("--reference", type=Path, required=True, help="passages of the same sentences")
    parser.add_argument("--contact", type=Path, required=True, help="contact.npz of the actor")
    parser.add_argument("--corpus", type=Path, help="their recordings: also measures the teacher's speech")
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--dnsmos-every", type=int, default=1, help="rate only every n-th clip (2 s each)")
    parser.add_argument("--other-decoder", action="store_true", help="also decode logits the other way")
    parser.add_argument("--limit", type=int, help="first sentences only")
    parser.add_argument(
        "--out", type=Path, help="markdown file; figures and heard text go beside it as .json"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
