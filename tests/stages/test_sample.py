"""Tokens to codes: what a flow draws is checked, whatever its tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from avgen.emotion import EMOTIONS, NEUTRAL
from avgen.errors import StageError
from avgen.stages.sample import sample
from avgen.tracks import Codes
from avgen.types import CODE_RATE, SAMPLE_RATE, FloatArray, Interval, Tokens, VoiceChange, Waveform
from avgen.voices import Shares

KINDS = {"hands": "rotation"}
TOKENS = Tokens(np.zeros((4, 3), np.float32), "phonemes", (), ())


def codes(
    head: int = 7,
    tokens: Tokens = TOKENS,
    voice: Shares = (),
    carried: FloatArray | None = None,
    sound: Waveform | None = None,
    **tracks: FloatArray,
) -> tuple[Codes, Mapping[str, FloatArray]]:
    """Codes of a flow that draws some tracks besides the usual ones, and the conditions it was given."""
    frames = len(tokens.logits)
    plain = {name: np.zeros((frames, width), np.float32) for name, width in [("mel", 80), ("face", 2)]}
    drawn = {**plain, "head_latent": np.zeros((frames, 8), np.float32), **tracks}
    given: dict[str, FloatArray] = {}

    def draw(conditions: Mapping[str, FloatArray], seed: int, **settings: object) -> Mapping[str, FloatArray]:
        given.update(conditions)
        return drawn

    flow = SimpleNamespace(sample=draw, gaze=SimpleNamespace(hold=lambda face, head: face), kinds=KINDS)
    vae = SimpleNamespace(
        decode=lambda latent, cues: np.ones((frames, head), np.float32), carried=lambda head: carried
    )
    settings = {
        **{"seed": 0, "emotion": NEUTRAL, "steps": 1, "temperature": 1.0, "guidance_scale": 1.0},
        "advance": lambda done, total: None,
    }
    return sample(tokens, flow, vae, voice=voice, partner_sound=sound, **settings), given


def test_every_track_of_the_flow_is_kept_and_the_latent_becomes_the_head() -> None:
    found, given = codes(hands=np.ones((4, 5), np.float32))
    assert {name: track.kind for name, track in found.tracks.items()} == {
        **{"mel": "linear", "face": "linear", "hands": "rotation", "head": "pose"}
    }
    assert given["emotion"].shape == (4, len(EMOTIONS)) and given["tokens"] is TOKENS.logits


def test_a_flow_is_told_who_speaks_if_there_are_several() -> None:
    assert "voice" not in codes()[1] and "voice" not in codes(voice=(1.0,))[1]
    _, given = codes(voice=(0.75, 0.25))
    np.testing.assert_array_equal(given["voice"], np.tile(np.float32([0.75, 0.25]), (4, 1)))
    tokens = replace(TOKENS, voices=(VoiceChange(1 / CODE_RATE, (0.0, 1.0)),))
    _, given = codes(tokens=tokens, voice=(1.0, 0.0))
    assert given["voice"].tolist() == [[1, 0], [0, 1], [0, 1], [0, 1]] and given["voice"].dtype == np.float32


@pytest.mark.parametrize(
    ("track", "values", "message"),
    [
        ("face", np.full((4, 2), np.nan), "face has values that are not finite"),
        ("hands", np.full((4, 2), np.inf), "hands has values that are not finite"),
        ("mel", np.zeros((4, 79)), r"mel has shape \[4, 79\], expected \[4, 80\]"),
        ("hands", np.zeros((3, 2)), r"hands has shape \[3, 2\], expected \[4, 2\]"),
    ],
)
def test_sample_names_the_track_that_is_wrong(track: str, values: np.ndarray, message: str) -> None:
    with pytest.raises(StageError, match=f"sample failed: {message}"):
        codes(**{track: values.astype(np.float32)})


def test_sample_refuses_poses_of_another_width() -> None:
    with pytest.raises(StageError, match=r"sample failed: head has shape \[4, 6\], expected \[4, 7\]"):
        codes(head=6)


def test_a_body_goes_with_the_head() -> None:
    body = np.ones((4, 104), np.float32)
    found, _ = codes(carried=body)
    assert found["pose"] is body and found.tracks["pose"].kind == "linear"
    assert "pose" not in codes()[0].tracks


def test_who_speaks_nods_to_a_partners_cues_and_says_nothing_more() -> None:
    times = np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE
    buzz = np.sin(2 * np.pi * 150 * times) + np.sin(2 * np.pi * 300 * times)
    sound = Waveform(np.where(times % 3 < 2, 0.1 * buzz, 0).astype(np.float32))
    frames = round(20 * CODE_RATE)
    tokens = Tokens(np.zeros((frames, 3), np.float32), "phonemes", (), (Interval("$", 0.0, 20.0),))
    alone, beside = (codes(tokens=tokens, sound=heard)[0]["head"] for heard in (None, sound))
    moved = np.abs(beside - alone).max(1) > 1e-3
    assert 0.05 < moved.mean() < 0.5 and not moved[: round(2.3 * CODE_RATE)].any()
