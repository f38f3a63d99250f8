"""Tokens -> Codes: speech and motion drawn together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import numpy as np

from avgen.emotion import Emotion
from avgen.stages.checks import check_array
from avgen.stages.extract import Extractor, speech_mel
from avgen.tracks import Codes, Kind, Track
from avgen.types import CODE_RATE, MEL_BINS, Cues, FloatArray, Tokens, Waveform

HEAD_LATENT: Final = "head_latent"
"""What a flow draws in place of the head's pose."""
POSE_CHANNELS: Final = 7


class Gaze(Protocol):
    """How eyes answer the head."""

    def hold(self, face: FloatArray, head: FloatArray) -> FloatArray:
        """Turn the eyes of face codes [N, C] against head poses [N, 7]."""


class FlowModel(Protocol):
    """What a flow component offers."""

    @property
    def gaze(self) -> Gaze:
        """Of the faces it draws."""

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """How its tracks lie between frames, of those that are not linear."""

    def sample(
        self,
        conditions: Mapping[str, FloatArray],
        seed: int,
        *,
        known: Mapping[str, FloatArray],
        num_steps: int,
        temperature: float,
        guidance_scale: float,
        advance: Callable[[int, int], None],
    ) -> Mapping[str, FloatArray]:
        """Draw the tracks of one clip: `mel`, `face`, `head_latent` and whatever else it makes, each [N, K].

        Conditions are `tokens`, logits [N, D], and `emotion` [N, E]; a known `mel` [N, 80] is followed.
        """


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
    emotion: Emotion,
    steps: int,
    temperature: float,
    guidance_scale: float,
    advance: Callable[[int, int], None],
    recording: Waveform | None = None,
    extractor: Extractor | None = None,
) -> Codes:
    """Draw speech and motion jointly, or motion alone for recorded speech.

    Args:
        tokens: what is said and when, and where the script changes the emotion.
        flow: joint audio-visual model.
        head_vae: decoder of its head latents.
        seed: of the starting noise.
        emotion: where the script says nothing else.
        steps: evaluations of the flow.
        temperature: scale of the starting noise.
        guidance_scale: how much conditions count; 1 is as trained.
        advance: told how many evaluations of how many are done.
        recording: speech which motion then follows, if there is one.
        extractor: which knows recorded speech as the flow does; needed for a recording.

    Raises:
        StageError: if a track has not one finite row per token.
    """
    emotions = emotion_track(tokens, emotion)
    known = {}
    if recording is not None and extractor is not None:
        known["mel"] = speech_mel(recording, extractor, tokens)
    drawn = flow.sample(
        {"tokens": tokens.logits, "emotion": emotions},
        seed,
        known=known,
        num_steps=steps,
        temperature=temperature,
        guidance_scale=guidance_scale,
        advance=advance,
    )
    codes = finish(drawn, flow, head_vae, Cues(drawn["mel"], tokens.logits, emotions))
    widths = {"mel": MEL_BINS, "head": POSE_CHANNELS}
    for name, track in codes.tracks.items():
        width = widths.get(name, track.values.shape[-1])
        check_array("sample", name, track.values, (len(tokens.logits), width))
    return codes


def finish(drawn: Mapping[str, FloatArray], flow: FlowModel, head_vae: HeadDecoder, cues: Cues) -> Codes:
    """Codes of what the flow drew: the head moves to the speech, and the eyes hold their gaze on it."""
    head = head_vae.decode(drawn[HEAD_LATENT], cues)
    kinds: dict[str, Kind] = {**flow.kinds, "head": "pose"}
    tracks = {**drawn, "face": flow.gaze.hold(drawn["face"], head), "head": head}
    del tracks[HEAD_LATENT]
    return Codes({name: Track(values, kinds.get(name, "linear")) for name, values in tracks.items()})


def emotion_track(tokens: Tokens, emotion: Emotion) -> FloatArray:
    """[N, E] emotion of every frame: the clip's own, then that of each change from its start on."""
    track = np.tile(np.asarray(emotion, dtype=np.float32), (len(tokens.logits), 1))
    for change in tokens.emotions:
        track[round(change.start * CODE_RATE) :] = change.emotion
    return track
