"""Copy synthesis: mels of the held-out teacher speech through a vocoder, against that speech.

    python -m scripts.evaluate.vocoder --corpus work/held/mira \
        --weights presets/actors/mira/vocoder.safetensors

Prints one markdown row per system: the teacher itself and the vocoder.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from scipy.io import wavfile

from avgen.metrics.cepstra import mel_cepstral_distortion
from avgen.metrics.words import word_error_rate
from avgen.speech.mel import mel_spectrogram
from avgen.speech.recognition import dnsmos, to_recogniser_rate, transcribe
from avgen.types import HOP_SIZE, SAMPLE_RATE, FloatArray
from avgen.vocoders.source_filter import SourceFilter
from scripts.mira.performance.speech import frame_f0
from scripts.voices.corpus import Corpus

DNSMOS_EVERY = 5
Make = Callable[[int], FloatArray]


def pitch_errors(vocoder: SourceFilter, corpus: Corpus) -> tuple[float, float, float]:
    """Median error in cents, share of voiced frames over 200 cents off, share of wrong voicing."""
    cents, wrong = [], []
    for number in range(len(corpus)):
        with torch.inference_mode():
            controls = vocoder.network(torch.from_numpy(corpus[number].mel)[None])
            f0 = vocoder.network.f0(controls)[0].numpy()
        true = frame_f0(corpus[number].f0, len(f0))
        both = (f0 > 0) & (true > 0)
        cents.append(np.abs(1200 * np.log2(f0[both] / true[both])))
        wrong.append((f0 > 0) != (true > 0))
    joined = np.concatenate(cents)
    return float(np.median(joined)), float((joined > 200).mean()), float(np.concatenate(wrong).mean())


def measure(name: str, make: Make, corpus: Corpus, wavs: Path | None) -> str:
    """One markdown row: mel L1, MCD, DNSMOS overall / P.808 (of every 5th sentence: it is slow), WER."""
    rows, scores, said, heard = [], [], [], []
    for number, utterance in enumerate(corpus):
        samples = make(number)
        real = corpus.samples(number)
        a, b = mel_spectrogram(samples), mel_spectrogram(real)
        said.append(utterance.text)
        listened = to_recogniser_rate(samples)
        heard.append(transcribe(listened))
        rows.append((np.abs(a - b).mean(), mel_cepstral_distortion(b, a, warp=False)))
        if number % DNSMOS_EVERY == 0:
            scores.append(dnsmos(listened))
        if wavs:
            wavs.mkdir(parents=True, exist_ok=True)
            wavfile.write(wavs / f"{name}_{number:03d}.wav", SAMPLE_RATE, samples)
    (l1, mcd), (overall, p808) = np.mean(rows, 0), np.mean(scores, 0)
    return (
        f"| {name} | {l1:.3f} | {mcd:.2f} | {overall:.2f} / {p808:.2f} | {word_error_rate(said, heard):.1%} |"
    )


def speed(vocoder: SourceFilter, corpus: Corpus, threads: int) -> tuple[float, float]:
    """Wall-clock and CPU seconds per second of speech, best of three passes over ten utterances."""
    torch.set_num_threads(threads)
    mels = [corpus[number].mel for number in range(10)]
    length = sum(len(mel) for mel in mels) * HOP_SIZE / SAMPLE_RATE
    vocoder(mels[0], 0)
    times = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        for mel in mels:
            vocoder(mel, 0)
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = np.min(times, 0) / length
    return float(wall), float(cpu)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, required=True, help="corpus of held-out sentences")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--config", type=json.loads, default={}, help="JSON of the vocoder's configuration")
    parser.add_argument("--skip-references", action="store_true", help="measure the vocoder only")
    parser.add_argument("--wavs", type=Path, help="folder to keep the speech in")
    args = parser.parse_args()
    torch.set_num_threads(1)
    corpus = Corpus(args.corpus)
    vocoder = SourceFilter.load(args.config, args.weights)
    systems: dict[str, Make] = {
        "teacher": lambda number: corpus.samples(number),
        "vocoder": lambda number: vocoder(corpus[number].mel, number),
    }
    if args.skip_references:
        del systems["teacher"]
    print(
        "| system | mel L1 | MCD dB | DNSMOS overall / P.808 | WER tiny.en |\n| --- | --- | --- | --- | --- |"
    )
    for name, make in systems.items():
        print(measure(name, make, corpus, args.wavs), flush=True)
    print(
        "F0: median {:.1f} cents, gross {:.1%}, voicing error {:.1%}".format(*pitch_errors(vocoder, corpus))
    )
    for threads in (1, 2):
        wall, cpu = speed(vocoder, corpus, threads)
        print(f"{threads} thread(s): {wall:.4f} s, {cpu:.4f} CPU s per second of speech")


if __name__ == "__main__":
    main()
