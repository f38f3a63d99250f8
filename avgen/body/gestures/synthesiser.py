"""The component of an actor that gestures by rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load_file

from avgen.body.gestures.hearing import Hearing, hear
from avgen.body.gestures.synthesis import perform
from avgen.body.skeleton import Skeleton
from avgen.errors import ActorError
from avgen.gestures import MARK, Gestures
from avgen.speech.melody import mel_pitch
from avgen.tracks import Codes
from avgen.types import FloatArray, Interval, Tokens


class GestureSynthesiser:
    """Gestures by rule, for a person's skeleton."""

    def __init__(self, skeleton: Skeleton) -> None:
        self._skeleton = skeleton

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> GestureSynthesiser:
        """Read a file with a skeleton, as `Skeleton.tensors` gives it.

        Args:
            config: unused; a skeleton describes itself.
            file: safetensors.

        Raises:
            ActorError: the file is damaged, or holds no skeleton of these bones.
        """
        del config
        try:
            return cls(Skeleton.from_tensors(load_file(file)))
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise ActorError(f"{file}: expected a skeleton (safetensors): {error}") from error

    def perform(
        self, codes: Codes, tokens: Tokens, emotion: FloatArray, *, gestures: Gestures, seed: int
    ) -> tuple[FloatArray, FloatArray]:
        """Body code of a clip, [N, 30] and [N, 32].

        Args:
            codes: whose `mel` is heard.
            tokens: what is said and when, as far as that is known, and marks of gestures.
            emotion: [N, E].
            gestures: how much and in what manner.
            seed: of the clip.
        """
        performance = perform(self._skeleton, hear_clip(codes, tokens), gestures, emotion, seed)
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
