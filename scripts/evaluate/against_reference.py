"""Motion and sound of a system against performances of the same sentences, frame by frame.

Every passage of the reference is generated anew from its own phoneme times. Used for shipped weights
(`scripts.evaluate.heldout`) and for variants of the model (`scripts.train.ablation`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.flow.avflow import AVFlow
from avgen.flow.head_vae import HeadVAE
from avgen.metrics.beats import alignment, motion_beats, onsets
from avgen.metrics.cepstra import mel_cepstral_distortion
from avgen.metrics.distribution import diversity, frechet_distance, half_distance
from avgen.metrics.lips import CLOSED, SMILE_WIDENING, frame_f1, mouth_widening
from avgen.metrics.motion import blink_count, facial_motion, gaze, loudness
from avgen.metrics.timing import delay
from avgen.pose import head_angles, head_position
from avgen.speech.mel import mel_spectrogram
from avgen.stages.sample import finish
from avgen.types import CODE_RATE, FloatArray
from scripts.mira.dataset import Passage
from scripts.mira.phones import BILABIALS, is_pause
from scripts.train.data import cues, frame_labels

MAX_LAG: Final = 12
"""Longest delay looked for, in code frames (0.14 s)."""
NEAR: Final = 2
"""Frames around p, b and m that count as theirs."""
MILLISECONDS: Final = 1e3 / CODE_RATE


@dataclass(frozen=True, slots=True)
class Take:
    """What a viewer of one passage gets.

    Attributes:
        mel: [N, 80] of the sound.
        face: [N, C] face codes.
        head: [N, 7] head poses.
    """

    mel: FloatArray
    face: FloatArray
    head: FloatArray


def reference_take(passage: Passage, avatar: TexturedMesh) -> Take:
    """The performance itself, with the teacher's sound."""
    return Take(passage.mel, avatar.codec.encode(passage.channels), passage.head)


def generate(
    passage: Passage,
    flow: AVFlow,
    head_vae: HeadVAE,
    seed: int,
    steps: int,
    vocoder: Callable[..., FloatArray],
) -> Take:
    """The passage by a flow that is given its phoneme times and emotion, with the vocoder's sound."""
    heard = cues(passage, frame_labels(passage.phones, len(passage.mel)))
    given = {"tokens": heard.logits, "emotion": heard.emotion}
    told = {name: values for name, values in given.items() if name in flow.config.conditions}
    drawn = flow.sample(told, seed, num_steps=steps)
    mel = mel_spectrogram(vocoder(drawn["mel"], seed))
    codes = finish(drawn, flow, head_vae, heard._replace(mel=drawn["mel"]))
    return Take(mel, codes["face"], codes["head"])


def measure(
    takes: Sequence[Take], reference: Sequence[Take], passages: Sequence[Passage], avatar: TexturedMesh
) -> dict[str, float]:
    """All measures of takes; of the reference itself they are the yardstick.

    Args:
        takes: one per passage, or several: all passages once, then all again. Beats are measured in all of
            them, because those of 100 clips of 4 s are uncertain by a tenth of what the reference exceeds
            chance by; the rest in the first of each.
        reference: one per passage.
        passages: what is said when.
        avatar: whose face codes they are.
    """
    beats, takes = _beats(takes, avatar), takes[: len(passages)]
    return {
        **beats,
        **_lips_and_smiles(takes, reference, passages, avatar),
        **_distributions(takes, reference),
        **_timing(takes, reference, passages, avatar),
        **_liveliness(takes, avatar),
        "mcd": float(
            np.mean([mel_cepstral_distortion(b.mel, a.mel) for a, b in zip(takes, reference, strict=True)])
        ),
    }


def _spoken(passage: Passage) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Frames from the first sound to the last, and those within NEAR of p, b and m."""
    sounds = [phone for phone in passage.phones if not is_pause(phone.name)]
    centre = (np.arange(len(passage.mel)) + 0.5) / CODE_RATE
    spoken = (centre >= sounds[0].start) & (centre < sounds[-1].end)
    bilabial = np.zeros(len(centre), bool)
    for phone in sounds:
        if phone.name in BILABIALS:
            bilabial |= (centre >= phone.start) & (centre < phone.end)
    return spoken, np.convolve(bilabial, np.ones(2 * NEAR + 1), "same") > 0


def _lips_and_smiles(
    takes: Sequence[Take], reference: Sequence[Take], passages: Sequence[Passage], avatar: TexturedMesh
) -> dict[str, float]:
    spoken, near = (np.concatenate(part) for part in zip(*map(_spoken, passages), strict=True))
    near &= spoken

    def frames(side: Sequence[Take]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        face = np.concatenate([take.face for take in side])
        return avatar.codec.lip_gap(face) < CLOSED, mouth_widening(avatar, face) > SMILE_WIDENING

    (closed, smiling), (shut, grinning) = frames(reference), frames(takes)
    return {
        "lip_f1_bilabials": frame_f1(closed[near], shut[near]),
        "lip_f1": frame_f1(closed[spoken], shut[spoken]),
        "smile_f1": frame_f1(smiling, grinning),
        "smiling": float(grinning.mean()),
    }


def _distributions(takes: Sequence[Take], reference: Sequence[Take]) -> dict[str, float]:
    values = {}
    for name, curves in (("face", lambda take: take.face), ("head", lambda take: head_position(take.head))):
        here, there = [curves(take) for take in takes], [curves(take) for take in reference]
        values[f"frechet_{name}"] = frechet_distance(np.concatenate(there), np.concatenate(here))
        values[f"frechet_{name}_halves"] = half_distance(there, here)
    values["diversity_face"] = diversity(np.concatenate([take.face for take in takes]))
    values["diversity_head"] = diversity(np.concatenate([take.head for take in takes]))
    return values


def _beats(takes: Sequence[Take], avatar: TexturedMesh) -> dict[str, float]:
    """Beat alignment of face and head, that of chance, and its standard error."""
    values: dict[str, float] = {}
    sounds = [onsets(take.mel) for take in takes]
    for name, curves in (
        ("face", lambda take: facial_motion(avatar.codec, take.face)),
        ("head", lambda take: head_angles(take.head)),
    ):
        found = alignment([motion_beats(curves(take)) for take in takes], sounds)
        if found is not None and found.shuffled is not None and found.error is not None:
            parts = (("", found.own), ("_shuffled", found.shuffled), ("_error", found.error))
            values |= {f"beat_{name}{part}": value for part, value in parts}
    return values


def _timing(
    takes: Sequence[Take], reference: Sequence[Take], passages: Sequence[Passage], avatar: TexturedMesh
) -> dict[str, float]:
    """Delays behind the reference in speech; the A/V offset is that of lips behind loudness, less its own."""
    spoken = [_spoken(passage)[0] for passage in passages]

    def curves(side: Sequence[Take]) -> tuple[list[FloatArray], list[FloatArray]]:
        gaps = [avatar.codec.lip_gap(take.face)[inside] for take, inside in zip(side, spoken, strict=True)]
        return gaps, [loudness(take.mel)[inside] for take, inside in zip(side, spoken, strict=True)]

    (gaps, levels), (lips, sounds) = curves(reference), curves(takes)
    behind = delay(gaps, lips, MAX_LAG)
    natural, own = delay(levels, gaps, MAX_LAG), delay(sounds, lips, MAX_LAG)
    return {
        "lip_delay_ms": MILLISECONDS * behind.frames,
        "lip_correlation": behind.correlation,
        "sound_delay_ms": MILLISECONDS * delay(levels, sounds, MAX_LAG).frames,
        "lips_behind_loudness_ms": MILLISECONDS * own.frames,
        "av_offset_ms": MILLISECONDS * (own.frames - natural.frames),
    }


def _liveliness(takes: Sequence[Take], avatar: TexturedMesh) -> dict[str, float]:
    codec, face = avatar.codec, np.concatenate([take.face for take in takes])
    channels, looks = codec.channels(face), gaze(codec, face)
    pitch, yaw, roll = np.concatenate([head_angles(take.head) for take in takes]).std(0).tolist()
    minutes = len(face) / CODE_RATE / 60
    return {
        "blinks": sum(blink_count(codec, take.face) for take in takes) / minutes,
        "full_blinks": sum(blink_count(codec, take.face, 0.9) for take in takes) / minutes,
        "gaze_sd": float(looks[:, 0].std()),
        "brow_sd": float(channels[:, codec.unit("browInnerUp")].std()),
        "jaw_sd": float(channels[:, codec.unit("jawOpen")].std()),
        "head_pitch_sd": pitch,
        "head_yaw_sd": yaw,
        "head_roll_sd": roll,
    }
