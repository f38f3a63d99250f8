"""Training data of the joint flow: passages of several voices, as labels per frame and normalised targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from torch import Tensor

from avgen.emotion import EMOTIONS
from avgen.flow.avflow import AVFlow
from avgen.flow.config import AVFlowConfig, Condition
from avgen.flow.gaze import GazeStabiliser
from avgen.flow.head_vae import HeadVAE
from avgen.partner import FACE_CHANNELS, PARTNER_FACE, PARTNER_TOKENS
from avgen.speech.mel import SPEECH
from avgen.text.labels import LABELS, label_index
from avgen.types import CODE_RATE, LOGIT, MEL_BINS, Cues
from scripts.mira.dataset import Passage, Passages, Split
from scripts.mira.performance.face import DEGREES_PER_UNIT, REFLEX_GAIN
from scripts.mira.performance.units import FACE_UNITS, UNIT
from scripts.train.loop import CONFIGS, read_config

CONVERSING: Final = 0.6
"""Share of crops of conversations."""


class Partner(NamedTuple):
    """What a listener knows of the partner: labels [N], and in half precision the face [N, 55]."""

    labels: Tensor
    face: Tensor


@dataclass(frozen=True, slots=True)
class Example:
    """One passage, in half precision but for labels [N], and whose voice it is.

    In place of labels it may have what is heard, their probabilities [N, D]; emotion [N, E] has E = 0 where
    nothing is known of it; targets are [N, K]. A side of a conversation has a partner, too.
    """

    labels: Tensor
    emotion: Tensor
    targets: Tensor
    voice: int = 0
    partner: Partner | None = None

    def crop(self, inside: slice) -> Example:
        """Some of its frames."""
        partner = self.partner and Partner(*(part[inside] for part in self.partner))
        return Example(self.labels[inside], self.emotion[inside], self.targets[inside], self.voice, partner)


@dataclass(frozen=True, slots=True)
class CodecStatistics:
    """How face channels become face codes: the varying ones, standardised over the passages."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    active: NDArray[np.bool_]

    @classmethod
    def read(cls, file: Path) -> CodecStatistics:
        """The statistics that scripts.mira.dataset wrote beside the passages."""
        with np.load(file) as values:
            return cls(
                values["mean"].astype(np.float32), values["scale"].astype(np.float32), values["active"] > 0
            )

    @property
    def num_codes(self) -> int:
        """C, channels of a face code."""
        return int(self.active.sum())

    def encode(self, channels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Channels [N, 53] -> face codes [N, C]."""
        return ((channels - self.mean) / self.scale)[:, self.active]

    def gaze(self) -> GazeStabiliser:
        """How the performances hold their gaze, in face codes."""
        per_degree = np.zeros((2, len(FACE_UNITS)), np.float32)
        for unit, _, axis, degrees in eye_units():
            per_degree[axis, unit] = -REFLEX_GAIN / degrees
        gaze = GazeStabiliser(self.num_codes)
        gaze.per_degree.copy_(torch.from_numpy((per_degree / self.scale)[:, self.active]))
        gaze.least.copy_(torch.from_numpy((-self.mean / self.scale)[self.active]))
        return gaze


class EyeUnit(NamedTuple):
    """A face unit that turns an eye: by `degrees` at weight 1, about pitch (axis 0) or yaw (axis 1)."""

    unit: int
    eye: int
    axis: int
    degrees: float


def eye_units() -> list[EyeUnit]:
    """All of them."""
    ways = {"Up": (0, 1, 1), "Down": (0, -1, -1), "Out": (1, 1, -1), "In": (1, -1, 1)}
    return [
        EyeUnit(UNIT[f"eyeLook{way}{side}"], eye, axis, DEGREES_PER_UNIT[way] * signs[eye])
        for way, (axis, *signs) in ways.items()
        for eye, side in enumerate(("Left", "Right"))
    ]


def signed_eyes(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Channels [N, 53] in which each of two opposite units of an eye carries the whole turn, signed."""
    signed, turns = channels.copy(), np.zeros((2, 2, len(channels)), np.float32)
    for unit, eye, axis, degrees in eye_units():
        turns[eye, axis] += degrees * channels[:, unit]
    for unit, eye, axis, degrees in eye_units():
        signed[:, unit] = turns[eye, axis] / degrees
    return signed


def frame_labels(phones: Any, num_frames: int) -> NDArray[np.int64]:
    """Label index of every frame centre, given phones (name, stress, start, end) that cover the passage."""
    ends = np.array([phone.end for phone in phones])
    ids = np.array([label_index(phone.name, phone.stress) for phone in phones])
    centre = (np.arange(num_frames) + 0.5) / CODE_RATE
    return ids[np.minimum(np.searchsorted(ends, centre, side="right"), len(ids) - 1)]


def cues(passage: Passage, labels: NDArray[np.int64], *, listens: bool = False) -> Cues:
    """What the head of a passage moves to; whether there is a partner."""
    logits = LOGIT * np.eye(len(LABELS), dtype=np.float32)[labels]
    return Cues(passage.mel.astype(np.float32), logits, passage.emotion.astype(np.float32), listens)


def load_head_vae(file: Path) -> HeadVAE:
    """The head VAE that a training script exported, with its configuration from the .yaml beside it."""
    return HeadVAE.load(yaml.safe_load(file.with_suffix(".yaml").read_text(encoding="utf-8")), file)


def flow_config(
    name: str, codec: CodecStatistics, head_vae: HeadVAE, num_voices: int, *, listens: bool = False
) -> AVFlowConfig:
    """The flow of a configuration in configs.yaml that is told, and makes, what the passages hold."""
    told = {"emotion": len(EMOTIONS), **({"voice": num_voices} if num_voices > 1 else {})}
    config = shaped(name, len(LABELS), told, codec.num_codes, head_vae)
    if not listens:
        return config
    partner = {PARTNER_TOKENS: Condition(len(LABELS), flag=False), PARTNER_FACE: Condition(FACE_CHANNELS)}
    return replace(config, conditions={**config.conditions, **partner})


def shaped(
    name: str, num_labels: int, told: Mapping[str, int], num_codes: int, head_vae: HeadVAE, **others: Any
) -> AVFlowConfig:
    """The flow of a configuration in configs.yaml.

    Args:
        name: of the configuration.
        num_labels: D of the tokens.
        told: channels of what it is told besides.
        num_codes: C of a face code.
        head_vae: whose latent it makes.
        others: fields of AVFlowConfig.
    """
    conditions: dict[str, Any] = {"tokens": {"channels": num_labels, "flag": False}}
    conditions |= {condition: {"channels": channels} for condition, channels in told.items()}
    tracks = {"mel": MEL_BINS, "face": num_codes, "head_latent": head_vae.config.latent}
    streams = {"conditions": conditions, "tracks": tracks, **others}
    return AVFlowConfig.from_dict({**streams, **read_config(CONFIGS, name)})


def load_flow(file: Path) -> AVFlow:
    """The flow that a training script exported, with its configuration from the .yaml beside it."""
    return AVFlow.load(yaml.safe_load(file.with_suffix(".yaml").read_text(encoding="utf-8")), file)


def load_examples(
    folder: Path, voices: Sequence[str], split: Split, codec: CodecStatistics, head_vae: HeadVAE
) -> list[Example]:
    """All passages of a split, each voice's from the folder of its name."""
    return [
        example_of(item, number, codec, head_vae)
        for number, name in enumerate(voices)
        for item in Passages(folder / name, split)
    ]


def example_of(
    item: Passage, voice: int, codec: CodecStatistics, head_vae: HeadVAE, partner: Partner | None = None
) -> Example:
    """A passage, in the codes that the flow makes."""
    head = item.head.astype(np.float32)
    face = codec.gaze().release(codec.encode(signed_eyes(item.channels.astype(np.float32))), head)
    labels = frame_labels(item.phones, len(item.mel))
    latent = head_vae.encode(head, cues(item, labels, listens=partner is not None))
    target = np.concatenate([SPEECH.normalise(item.mel.astype(np.float32)), face, latent], axis=1)
    spoken, emotion = torch.from_numpy(labels).to(torch.uint8), torch.from_numpy(item.emotion).half()
    return Example(spoken, emotion, torch.from_numpy(target).half(), voice, partner)


def posteriors(labels: Tensor, soften: Tensor | None = None) -> Tensor:
    """Token probabilities [B, N, D] of label indices [B, N], as softmax of repeated logits gives them.

    Args:
        labels: [B, N] indices; probabilities [B, N, D] stay as they are.
        soften: [B] True where boundaries are blurred over five frames, as an extractor would.
    """
    if labels.is_floating_point():
        return labels.float()
    one_hot = torch.nn.functional.one_hot(labels.long(), len(LABELS)).float()
    if soften is not None and bool(soften.any()):
        blurred = torch.nn.functional.avg_pool1d(
            one_hot.transpose(1, 2), 5, stride=1, padding=2, count_include_pad=False
        ).transpose(1, 2)
        one_hot = torch.where(soften[:, None, None], blurred, one_hot)
    floor = 1.0 / (np.exp(LOGIT) + len(LABELS) - 1)
    return floor + one_hot * (1.0 - len(LABELS) * floor)


class Batch(NamedTuple):
    """Crops side by side: labels [B, N (, D)], emotion [B, N, E], voice [B, N, V] and targets [B, N, K].

    Of partners labels [B, N (, D)] and faces [B, N, 55], or [B, N, 0] if none is known; `listening` [B] tells
    which crops have one.
    """

    labels: Tensor
    emotion: Tensor
    voice: Tensor
    targets: Tensor
    listening: Tensor
    partner_labels: Tensor
    partner_face: Tensor

    def conditions(self, soften: Tensor | None = None) -> dict[str, Tensor]:
        """What a flow is told of them; `soften` as in `posteriors`. One voice alone is not told."""
        told = {"tokens": posteriors(self.labels, soften)}
        if self.emotion.shape[-1]:
            told["emotion"] = self.emotion
        if self.voice.shape[-1] > 1:
            told["voice"] = self.voice
        if self.listening.any():
            absent = ~self.listening[:, None, None]
            heard = posteriors(self.partner_labels, soften)
            told[PARTNER_TOKENS] = heard.masked_fill(absent, torch.nan)
            if self.partner_face.shape[-1]:
                told[PARTNER_FACE] = self.partner_face.masked_fill(absent, torch.nan)
        return told


class Crops:
    """Random crops of one length: voices as often as the root of their length, longer passages more often.

    Where there are conversations, they are CONVERSING of all crops.
    """

    def __init__(self, examples: list[Example], num_voices: int, frames: int, batch: int, seed: int) -> None:
        self.examples = [example for example in examples if len(example.labels) >= frames]
        if not self.examples:
            raise ValueError(f"none of {len(examples)} passages is as long as a crop of {frames} frames")
        self.num_voices, self.frames, self.batch = num_voices, frames, batch
        self.rng = np.random.default_rng(seed)
        room = np.array([len(example.labels) - frames + frames / 2 for example in self.examples])
        voice = np.array([example.voice for example in self.examples])
        room /= np.sqrt(np.bincount(voice, room, num_voices))[voice]
        pairs = np.array([example.partner is not None for example in self.examples])
        if pairs.any() and not pairs.all():
            room[pairs] *= CONVERSING / room[pairs].sum()
            room[~pairs] *= (1 - CONVERSING) / room[~pairs].sum()
        self.share = room / room.sum()

    def __call__(self) -> Batch:
        """The next ones, in float32."""
        crops: list[Example] = []
        for index in self.rng.choice(len(self.examples), size=self.batch, p=self.share):
            example = self.examples[index]
            start = self.rng.integers(len(example.labels) - self.frames + 1)
            crops.append(example.crop(slice(start, start + self.frames)))
        voice = torch.nn.functional.one_hot(torch.tensor([crop.voice for crop in crops]), self.num_voices)
        nobody = Partner(torch.zeros_like(crops[0].labels), torch.zeros(self.frames, FACE_CHANNELS))
        partners = [crop.partner or nobody for crop in crops]
        return Batch(
            torch.stack([crop.labels for crop in crops]),
            torch.stack([crop.emotion for crop in crops]).float(),
            voice[:, None].expand(-1, self.frames, -1).float(),
            torch.stack([crop.targets for crop in crops]).float(),
            torch.tensor([crop.partner is not None for crop in crops]),
            torch.stack([partner.labels for partner in partners]),
            torch.stack([partner.face.float() for partner in partners]),
        )
