"""What the others of a dialogue say and show -> what one who listens knows of them.

A dialogue is drawn twice: at first everybody as if they talked to a camera, then everybody who has learnt to
listen, told the others' tokens and how their faces moved the first time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.partner import FACE_CHANNELS, Partner, partner_face
from avgen.tracks import Codes
from avgen.types import CODE_RATE, FloatArray, Tokens


class Other(NamedTuple):
    """Somebody else in the dialogue."""

    tokens: Tokens
    """What they say."""
    codes: Codes
    """How they move."""
    avatar: Any
    """Whose face codes they are."""


def overhear(others: Sequence[Other], *, label_set: str, face_channels: int) -> Partner:
    """Tell what is heard and seen of whoever spoke last.

    Args:
        others: everybody else, as long as the actor's own clip.
        label_set: of the actor's own tokens; what is said in another is not understood.
        face_channels: in which the actor's flow sees a face; others than those of `Partner` see none.
    """
    spoke = last_speaker(others)
    frame = np.arange(len(spoke))
    tokens = np.stack([_probabilities(one.tokens, label_set) for one in others])[spoke, frame]
    if face_channels != FACE_CHANNELS:
        return Partner(tokens)
    return Partner(tokens, np.stack([_face(one) for one in others])[spoke, frame])


def last_speaker(others: Sequence[Other]) -> NDArray[np.int64]:
    """Index [N] of whoever began the latest word before each frame; the first one before any."""
    frames = len(others[0].codes)
    time = (np.arange(frames) + 0.5) / CODE_RATE
    begun = np.zeros((len(others), frames))
    for number, one in enumerate(others):
        starts = np.array([0.0, *(word.start for word in one.tokens.words)])
        begun[number] = starts[np.searchsorted(starts, time, side="right") - 1]
    latest: NDArray[np.int64] = begun.argmax(0)
    return latest


def _probabilities(tokens: Tokens, label_set: str) -> FloatArray:
    if tokens.label_set != label_set:
        return np.zeros_like(tokens.logits)
    odds = np.exp(tokens.logits - tokens.logits.max(1, keepdims=True))
    probabilities: FloatArray = (odds / odds.sum(1, keepdims=True)).astype(np.float32)
    return probabilities


def _face(one: Other) -> FloatArray:
    """Rows of zeros for a face that does not move by ARKit's units."""
    if not isinstance(one.avatar, TexturedMesh):
        return np.zeros((len(one.codes), FACE_CHANNELS), np.float32)
    codec = one.avatar.codec
    return partner_face(codec.units, codec.unit_weights(one.codes["face"]), one.codes["head"])
