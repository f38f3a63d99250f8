"""Gestures by rule, as the stage of gestures takes them."""

from __future__ import annotations

from avgen.body.gestures.hearing import Hearing, hear
from avgen.body.gestures.synthesis import perform
from avgen.body.skeleton import Skeleton
from avgen.gestures import MARK, Gestures
from avgen.speech.melody import mel_pitch
from avgen.tracks import Codes
from avgen.types import FloatArray, Interval, Tokens


class GestureSynthesiser:
    """Gestures by rule, of an actor who has learnt none."""

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
        """Body code of a clip, [N, 30] and [N, 32].

        Args:
            skeleton: of the person.
            codes: whose `mel` is heard.
            tokens: what is said and when, as far as that is known, and marks of gestures.
            emotion: [N, E].
            gestures: how much and in what manner.
            seed: of the clip.
        """
        performance = perform(skeleton, hear_clip(codes, tokens), gestures, emotion, seed)
        return performance.body, performance.hands


def hear_clip(codes: Codes, tokens: Tokens) -> Hearing:
    """A clip as the body hears it: its mel, what is said when, and which gestures the script asks for."""
    marks = tuple(
        Interval(mark.label.removeprefix(MARK), mark.start, mark.end)
        for mark in tokens.marks
        if mark.label.startswith(MARK)
    )
    mel = codes["mel"]
    return hear(mel, mel_pitch(mel), tokens.phonemes, tokens.words, marks)
