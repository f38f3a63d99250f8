"""Tokens -> Codes: speech and motion drawn together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from avgen.stages.checks import check_array
from avgen.types import CODE_RATE, MEL_BINS, Codes, Cues, FloatArray, Tokens


class Gaze(Protocol):
    """How eyes answer the head."""

    def hold(self, face: FloatArray, head: FloatArray) -> FloatArray:
        """Turn the eyes of face codes [N, C] against head poses [N, 7]."""


class FlowModel(Protocol):
    """What a flow component offers."""

    @property
    def gaze(self) -> Gaze:
        """Of the faces it draws."""

    def sample(
        self,
        conditions: Mapping[str, FloatArray],
        seed: int,
        *,
        known: Mapping[str, FloatArray] | None,
        num_steps: int,
        temperature: float,
        guidance_scale: float,
    ) -> dict[str, FloatArray]:
        """Draw the tracks of one clip from its conditions; those that are known stay as they are."""


class HeadDecoder(Protocol):
    """What a head_vae component offers."""

    def decode(self, latent: FloatArray, cues: Cues) -> FloatArray:
        """Turn latents [N, 8] into poses [N, 7] that go with the speech."""


def sample(
    tokens: Tokens,
    flow: FlowModel,
    head_vae: HeadDecoder,
    *,
    seed: int,
    emotion: tuple[float, ...],
    steps: int,
    temperature: float,
    guidance_scale: float,
    mel: FloatArray | None = None,
) -> Codes:
    """Draw speech and motion jointly, or motion alone for recorded speech.

    Args:
        tokens: what is said and when, and where the script changes the emotion.
        flow: joint audio-visual model.
        head_vae: decoder of its head latents.
        seed: of the starting noise.
        emotion: weights, in the order of `avgen.emotion.EMOTIONS`, where the script says nothing else.
        steps: evaluations of the flow.
        temperature: scale of the starting noise.
        guidance_scale: how much conditions count; 1 is as trained.
        mel: [N, 80] recorded speech, which motion then follows.

    Raises:
        StageError: if a code has not one finite row per token.
    """
    track = emotion_track(tokens, emotion)
    drawn = flow.sample(
        {"tokens": tokens.logits, "emotion": track},
        seed,
        known=None if mel is None else {"mel": mel},
        num_steps=steps,
        temperature=temperature,
        guidance_scale=guidance_scale,
    )
    codes = finish(drawn, flow.gaze, head_vae, Cues(drawn["mel"], tokens.logits, track))
    frames = len(tokens.logits)
    check_array("sample", "mel", codes.mel, (frames, MEL_BINS))
    check_array("sample", "face", codes.face, (frames, codes.face.shape[-1]))
    check_array("sample", "head", codes.head, (frames, 7))
    return codes


def finish(drawn: Mapping[str, FloatArray], gaze: Gaze, head_vae: HeadDecoder, cues: Cues) -> Codes:
    """Codes of what the flow drew: the head moves to the speech, and the eyes hold their gaze on it."""
    head = head_vae.decode(drawn["head_latent"], cues)
    return Codes(drawn["mel"], gaze.hold(drawn["face"], head), head)


def emotion_track(tokens: Tokens, emotion: tuple[float, ...]) -> FloatArray:
    """[N, E] emotion of every frame: the clip's own, then that of each mood from its start on."""
    track = np.tile(np.asarray(emotion, dtype=np.float32), (len(tokens.logits), 1))
    for mood in tokens.moods:
        track[round(mood.start * CODE_RATE) :] = mood.emotion
    return track
