"""Tokens -> Codes: speech and motion drawn together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, Protocol

import numpy as np

from avgen.emotion import NEUTRAL, Emotion, EmotionChoice
from avgen.partner import Partner
from avgen.speech.affect import heard_emotion
from avgen.speech.cues import find_cues
from avgen.stages.acts import act
from avgen.stages.answers import answer
from avgen.stages.attention import attend_to
from avgen.stages.checks import check_array
from avgen.stages.extract import Extractor, speech_mel
from avgen.tracks import Codes, Kind, Track
from avgen.types import CODE_RATE, MEL_BINS, Cues, FloatArray, Tokens, Waveform
from avgen.voices import Shares

HEAD_LATENT: Final = "head_latent"
"""What a flow draws in place of the head's pose."""
BODY_POSE: Final = "pose"
"""Of a codec avatar."""
POSE_CHANNELS: Final = 7


class Gaze(Protocol):
    """How eyes answer the head, and a target."""

    def hold(self, face: FloatArray, head: FloatArray) -> FloatArray:
        """Turn the eyes of face codes [N, C] against head poses [N, 7]."""

    def aim(self, face: FloatArray, target: FloatArray) -> FloatArray:
        """Turn the eyes of face codes [N, C] to where degrees [N, 2] upwards and to the left say."""


class FlowModel(Protocol):
    """What a flow component offers."""

    @property
    def gaze(self) -> Gaze:
        """Of the faces it draws."""

    @property
    def told(self) -> Collection[str]:
        """Names of what it may be told."""

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """How its tracks lie between frames, of those that are not linear."""

    @property
    def emotional(self) -> bool:
        """Whether it was trained with emotions."""

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

        Conditions are `tokens`, logits [N, D], `emotion` [N, E], and, if the actor has several voices and
        speaks itself, `voice` [N, V]; a known `mel` [N, 80] is followed.
        """


class HeadDecoder(Protocol):
    """What a head_vae component offers."""

    def decode(self, latent: FloatArray, cues: Cues) -> FloatArray:
        """Turn latents [N, 8] into poses [N, 7] that go with the speech."""

    def carried(self, head: FloatArray) -> FloatArray | None:
        """Poses [N, K] of the body that goes with head poses [N, 7]; None for a head without a body."""


def sample(
    tokens: Tokens,
    flow: FlowModel,
    head_vae: HeadDecoder,
    *,
    seed: int,
    emotion: EmotionChoice,
    steps: int,
    temperature: float,
    guidance_scale: float,
    advance: Callable[[int, int], None],
    voice: Shares = (),
    recording: Waveform | None = None,
    extractor: Extractor | None = None,
    partner: Partner | None = None,
    partner_sound: Waveform | None = None,
) -> Codes:
    """Draw speech and motion jointly, or motion alone for recorded speech.

    Args:
        tokens: what is said and when, and where the script changes the emotion or the voice.
        flow: joint audio-visual model.
        head_vae: decoder of its head latents.
        seed: of the starting noise.
        emotion: where the script says nothing else; of recorded speech energy is heard unless it has one.
        steps: evaluations of the flow.
        temperature: scale of the starting noise.
        guidance_scale: how much conditions count; 1 is as trained.
        advance: told how many evaluations of how many are done.
        voice: [V] shares of the voices that speak where the script says nothing else; none for a recording.
        recording: speech which motion then follows, if there is one.
        extractor: which knows recorded speech as the flow does; needed for a recording.
        partner: whom the actor talks with, if the flow has learnt to listen.
        partner_sound: what that one says in a file, to whose cues the actor nods in own pauses.

    Raises:
        InputError: if the partner is not there for as long as the actor speaks.
        StageError: if a track has not one finite row per token.
    """
    known, felt = _given(tokens, flow, emotion, recording, extractor)
    emotions = emotion_track(tokens, felt)
    drawn = flow.sample(
        _conditions(tokens, emotions, voice, partner, flow),
        seed,
        known=known,
        num_steps=steps,
        temperature=temperature,
        guidance_scale=guidance_scale,
        advance=advance,
    )
    cues = Cues(drawn["mel"], tokens.logits, emotions, listens=partner is not None)
    if partner_sound is not None:
        tokens = answer(tokens, find_cues(partner_sound.samples), seed)
    codes = finish(drawn, flow, head_vae, cues, tokens, seed)
    widths = {"mel": MEL_BINS, "head": POSE_CHANNELS}
    for name, track in codes.tracks.items():
        width = widths.get(name, track.values.shape[-1])
        check_array("sample", name, track.values, (len(tokens.logits), width))
    return codes


def _conditions(
    tokens: Tokens, emotions: FloatArray, voice: Shares, partner: Partner | None, flow: FlowModel
) -> dict[str, FloatArray]:
    """What the flow is told, by name."""
    conditions = {"tokens": tokens.logits, "emotion": emotions}
    if len(voice) > 1:
        conditions["voice"] = voice_track(tokens, voice)
    if partner is None:
        return conditions
    perceived = partner.fitted(len(tokens.logits)).conditions()
    return conditions | {name: values for name, values in perceived.items() if name in flow.told}


def _given(
    tokens: Tokens,
    flow: FlowModel,
    emotion: EmotionChoice,
    recording: Waveform | None,
    extractor: Extractor | None,
) -> tuple[dict[str, FloatArray], Emotion | FloatArray]:
    """Tracks that are known, and the emotion: of recorded speech its mel, and what is heard in it."""
    if recording is None or extractor is None:
        assert isinstance(emotion, Emotion), "there is nothing to hear in a text"
        return {}, emotion
    known = {"mel": speech_mel(recording, extractor, tokens)}
    if flow.emotional:
        return known, heard_emotion(recording.samples, len(tokens.logits), emotion)
    return known, emotion if isinstance(emotion, Emotion) else NEUTRAL


def finish(
    drawn: Mapping[str, FloatArray],
    flow: FlowModel,
    head_vae: HeadDecoder,
    cues: Cues,
    tokens: Tokens | None = None,
    seed: int = 0,
) -> Codes:
    """Codes of what the flow drew: the head moves to the speech, and the eyes hold their gaze on it.

    Where there is a partner the eyes look at them and aside by rule.

    Args:
        drawn: tracks of the flow.
        flow: that drew them.
        head_vae: decoder of its head latents.
        cues: what the head moves to.
        tokens: of the clip, if a script may ask for nods and laughs in them.
        seed: of where the eyes look.
    """
    face = drawn["face"]
    if tokens is not None and cues.listens:
        face = flow.gaze.aim(face, attend_to(tokens, seed))
    head = head_vae.decode(drawn[HEAD_LATENT], cues)
    head = head if tokens is None else act(head, tokens)
    kinds: dict[str, Kind] = {**flow.kinds, "head": "pose"}
    tracks = {**drawn, "face": flow.gaze.hold(face, head), "head": head}
    del tracks[HEAD_LATENT]
    body = head_vae.carried(head)
    if body is not None:
        tracks[BODY_POSE] = body
    return Codes({name: Track(values, kinds.get(name, "linear")) for name, values in tracks.items()})


def emotion_track(tokens: Tokens, emotion: Emotion | FloatArray) -> FloatArray:
    """[N, E] emotion of every frame: the clip's own [E] or [N, E], from its start on that of each change."""
    return _steps(len(tokens.logits), emotion, ((one.start, one.emotion) for one in tokens.emotions))


def voice_track(tokens: Tokens, voice: Shares) -> FloatArray:
    """[N, V] shares of the voices at every frame: the clip's own, then those of each change."""
    return _steps(len(tokens.logits), voice, ((one.start, one.shares) for one in tokens.voices))


def _steps(
    frames: int, first: tuple[float, ...] | FloatArray, changes: Iterable[tuple[float, tuple[float, ...]]]
) -> FloatArray:
    """[N, K] values, at first [K] or [N, K], that hold from one change, at some second, to the next."""
    track = np.empty((frames, np.shape(first)[-1]), np.float32)
    track[:] = first
    for start, values in changes:
        track[round(start * CODE_RATE) :] = values
    return track
