"""A partner's sound and video -> what the actor hears and sees; and how one answers who only listens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from avgen.emotion import Emotion
from avgen.errors import InputError
from avgen.partner import FACE_CHANNELS, Partner
from avgen.speech.cues import find_cues
from avgen.stages.answers import answer, hum
from avgen.stages.checks import check_array
from avgen.stages.extract import Extractor
from avgen.stages.faces import SMIRK_CHANNELS, read_features, track_faces
from avgen.stages.tokenize import Speaker, TextToTokens
from avgen.text.labels import LABEL_SETS
from avgen.types import CODE_RATE, HOP_SIZE, FloatArray, Tokens, Waveform
from avgen.voices import Shares


def listen(
    extractor: Extractor,
    *,
    face_channels: int,
    partner_sound: Waveform | None,
    partner_video: Path | None,
    partner_features: Path | None,
) -> Partner:
    """Tell what is heard and seen of a partner, from its start to its end.

    Args:
        extractor: of the actor.
        face_channels: in which the actor's flow sees a face: those of `avgen.partner.Partner`, of SMIRK's
            features, or none.
        partner_sound: what the partner says, if that is heard.
        partner_video: in which the partner is seen.
        partner_features: of the partner's face, as SMIRK has them.

    Raises:
        InputError: the video shows no face or cannot be read, or features are needed and not there.
        StageError: if the tokens have not one finite row per frame.
    """
    tokens = None if partner_sound is None else heard(partner_sound, extractor)
    face: FloatArray | None = None
    if face_channels == FACE_CHANNELS and partner_video is not None:
        face = track_faces(partner_video)
    elif face_channels == SMIRK_CHANNELS and partner_features is not None:
        face = read_features(partner_features)
    elif face_channels == SMIRK_CHANNELS and tokens is None:
        raise InputError("partner: this actor sees features of SMIRK, and there are none beside the video.")
    return Partner(tokens, face)


def heard(sound: Waveform, extractor: Extractor) -> FloatArray:
    """Probabilities [N, D] of the labels in what somebody says."""
    logits, labels = extractor.logits(sound.samples), LABEL_SETS[extractor.label_set].labels
    check_array("listen", "logits", logits, (len(sound.samples) // HOP_SIZE, len(labels)))
    odds = np.exp(logits - logits.max(1, keepdims=True))
    probabilities: FloatArray = (odds / odds.sum(1, keepdims=True)).astype(np.float32)
    return probabilities


def attend(
    text_to_tokens: TextToTokens,
    *,
    seed: int,
    emotion: Emotion,
    voice: Shares,
    voice_names: Sequence[str],
    partner_sound: Waveform | None,
    partner_seconds: float,
) -> Tokens:
    """Turn what a partner says into the tokens of one who listens: silence, 'mm-hm' and nods after cues.

    Args:
        text_to_tokens: the actor's network.
        seed: of what is answered and how.
        emotion: of the whole.
        voice: [V] shares of the voices that speak.
        voice_names: [V] their names.
        partner_sound: what the partner says; None leaves the actor silent.
        partner_seconds: that the partner's file lasts, and so the clip.

    Returns:
        Tokens as long as the partner's file.
    """
    import torch

    person = emotion, voice, voice_names
    speaker = Speaker(text_to_tokens, torch.Generator().manual_seed(seed), *person)
    speaker.rest(round(partner_seconds * CODE_RATE))
    cues = find_cues(partner_sound.samples) if partner_sound is not None else ()
    return answer(speaker.tokens(), cues, seed, hum(text_to_tokens, *person))
