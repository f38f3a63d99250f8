"""Codes -> Codes with a body: hands and trunk that go with the speech, where the view shows them."""

from __future__ import annotations

from typing import Protocol

from avgen.body.channels import BODY_CHANNELS, HAND_CHANNELS
from avgen.body.gestures.synthesiser import GestureSynthesiser
from avgen.body.skeleton import Skeleton
from avgen.emotion import Emotion, EmotionChoice
from avgen.gestures import Gestures
from avgen.speech.affect import heard_emotion
from avgen.stages.checks import check_array
from avgen.stages.sample import emotion_track
from avgen.tracks import Codes, Track
from avgen.types import FloatArray, Tokens, Waveform


class Bones(Protocol):
    """What a body component offers to whoever moves it."""

    @property
    def skeleton(self) -> Skeleton:
        """Of the person."""


class GestureGenerator(Protocol):
    """What a gesture_generator component offers."""

    def perform(
        self,
        skeleton: Skeleton,
        codes: Codes,
        tokens: Tokens,
        emotion: FloatArray,
        *,
        gestures: Gestures,
        seed: int,
    ) -> tuple[FloatArray, FloatArray]:
        """Body code of a person, [N, 30] and [N, 32] (`avgen.body.channels`), with emotions [N, E]."""


def gesture(
    codes: Codes,
    tokens: Tokens,
    body: Bones,
    gesture_generator: GestureGenerator | None = None,
    *,
    seed: int,
    gestures: Gestures,
    emotion: EmotionChoice,
    recording: Waveform | None = None,
) -> Codes:
    """Add the tracks `body` and `hands`.

    Args:
        codes: speech, face and head of the take.
        tokens: what is said and when, and which gestures the script asks for.
        body: of the actor.
        gesture_generator: of the actor; None for gestures by rule.
        seed: of the clip.
        gestures: how much and in what manner.
        emotion: where the script says nothing else.
        recording: speech that the take follows, in which emotion may be heard.

    Raises:
        StageError: if a track has not one finite row per frame.
    """
    felt: Emotion | FloatArray
    if recording is not None:
        felt = heard_emotion(recording.samples, len(codes), emotion)
    else:
        assert isinstance(emotion, Emotion), "there is nothing to hear in a text"
        felt = emotion
    generator = gesture_generator or GestureSynthesiser()
    made = generator.perform(
        body.skeleton, codes, tokens, emotion_track(tokens, felt), gestures=gestures, seed=seed
    )
    tracks = dict(codes.tracks)
    for name, values, channels in zip(("body", "hands"), made, (BODY_CHANNELS, HAND_CHANNELS), strict=True):
        check_array("gesture", name, values, (len(codes), len(channels)))
        tracks[name] = Track(values)
    return Codes(tracks, codes.rate)
