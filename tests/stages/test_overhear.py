"""What one of a dialogue hears and sees of the others."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from avgen.partner import FACE_CHANNELS
from avgen.stages.overhear import Other, last_speaker, overhear
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE, Interval, Tokens
from tests.performances import mira, moving_codes

FRAMES = 60


def other(label: int, *words: float, label_set: str = "phonemes") -> Other:
    """Somebody who says one label throughout, and words that begin at some frames."""
    logits = np.zeros((FRAMES, 4), np.float32)
    logits[:, label] = 8
    said = tuple(Interval("word", start / CODE_RATE, (start + 5) / CODE_RATE) for start in words)
    codes = Codes({"face": Track(np.zeros((FRAMES, 2), np.float32))})
    return Other(Tokens(logits, label_set, said, ()), codes, SimpleNamespace())


def test_the_one_who_spoke_last_is_heard() -> None:
    first, second = other(1, 0, 40), other(2, 20)
    assert last_speaker([first, second]).tolist() == [0] * 20 + [1] * 20 + [0] * 20
    partner = overhear([first, second], label_set="phonemes", face_channels=FACE_CHANNELS)
    assert partner.tokens is not None and partner.face is not None
    assert partner.tokens.argmax(1).tolist() == [1] * 20 + [2] * 20 + [1] * 20
    np.testing.assert_allclose(partner.tokens.sum(1), 1, atol=1e-5)
    assert partner.face.shape == (FRAMES, FACE_CHANNELS) and not partner.face.any()


def test_other_labels_are_not_understood_and_other_faces_not_seen() -> None:
    partner = overhear([other(1, label_set="letters")], label_set="phonemes", face_channels=56)
    assert partner.tokens is not None and not partner.tokens.any()
    assert partner.face is None


def test_a_face_of_arkits_units_is_seen_as_it_is_drawn() -> None:
    avatar = mira()
    codes = moving_codes(avatar.codec.size)
    one = Other(other(1).tokens, codes, avatar)
    face = overhear([one], label_set="phonemes", face_channels=FACE_CHANNELS).face
    assert face is not None and face[:, :52].min() >= 0 and face[:, :52].max() <= 1
    assert np.abs(face[:, 52:]).max() > 0.01
