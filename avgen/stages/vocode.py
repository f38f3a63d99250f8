"""Codes -> Waveform, as loud as people expect speech to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from avgen.emotion import Emotion
from avgen.speech.prosody import Prosody
from avgen.stages.checks import check_array
from avgen.stages.sample import emotion_track, voice_track
from avgen.tracks import Codes
from avgen.types import CODE_RATE, HOP_SIZE, FloatArray, Inflection, Tokens, Waveform
from avgen.vocoders.base import Vocoder
from avgen.voices import Shares

KNEE: Final = 0.6
"""Samples up to this are only scaled."""
CEILING: Final = 0.97
"""No sample exceeds this."""
EDGE_SECONDS: Final = 0.03
"""In which the voice goes over to what the script asks of it."""


def vocode(
    codes: Codes,
    tokens: Tokens,
    vocoder: Vocoder,
    *,
    seed: int,
    emotion: Emotion,
    voice: Shares,
    speech_gain_db: float,
    mean_pitches: Sequence[float],
) -> Waveform:
    """Turn the mel spectrogram into sound.

    The gain is the same for every clip and instant, so that takes and parts of a clip are equally loud.

    Args:
        codes: of the clip; only `mel` is used.
        tokens: of the clip, which say where the script changes the emotion or the voice.
        vocoder: of the actor.
        seed: of the noise in breath and fricatives.
        emotion: that the voice shows where the script says nothing else.
        voice: [V] shares of the voices that speak where the script says nothing else.
        speech_gain_db: what the actor's speech is amplified by; rare peaks are rounded off.
        mean_pitches: [V] Hz about which the speech of each voice moves.

    Raises:
        StageError: if the sound is not finite or not N * 256 samples long.
    """
    mel, emotions = codes["mel"], emotion_track(tokens, emotion)
    prosody = None
    if emotions.any() or tokens.inflections:
        pitch = pitch_track(voice_track(tokens, voice), mean_pitches)
        prosody = inflected(Prosody.of(emotions, pitch), tokens.inflections)
    samples = vocoder(mel, seed, prosody)
    check_array("vocode", "samples", samples, (len(mel) * HOP_SIZE,))
    return Waveform(soften_peaks(samples * np.float32(10 ** (speech_gain_db / 20))))


def pitch_track(shares: FloatArray, mean_pitches: Sequence[float]) -> FloatArray:
    """Hz [N] about which speech moves: of a mix [N, V] the geometric mean of its voices."""
    pitch: FloatArray = np.exp(shares @ np.log(mean_pitches)).astype(np.float32)
    return pitch


def inflected(prosody: Prosody, inflections: Sequence[Inflection]) -> Prosody:
    """Add what the script asks of the voice, with soft edges, so that neither pitch nor level jumps."""
    pitch, level = prosody.pitch.copy(), prosody.level.copy()
    times = (np.arange(len(pitch)) + 0.5) / CODE_RATE
    for one in inflections:
        edges = [one.start - EDGE_SECONDS, one.start, one.end, one.end + EDGE_SECONDS]
        share = np.interp(times, edges, [0.0, 1.0, 1.0, 0.0]).astype(np.float32)
        pitch += one.pitch * share
        level += one.volume * share
    return prosody._replace(pitch=pitch, level=level)


def own_sound(recording: Waveform) -> Waveform:
    """Return the sound of a recording: its own."""
    return recording


def soften_peaks(samples: FloatArray) -> FloatArray:
    """Bend samples [S] above KNEE smoothly towards CEILING; a function of each sample alone."""
    softened, loud = samples.astype(np.float32), np.abs(samples) > KNEE
    peaks, room = softened[loud], CEILING - KNEE
    softened[loud] = np.copysign(KNEE + room * np.tanh((np.abs(peaks) - KNEE) / room), peaks)
    return softened
