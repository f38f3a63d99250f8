from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avgen.errors import StageError
from avgen.stages.mux import soundtrack
from avgen.stages.render import CHUNK_BYTES, CHUNK_FRAMES, chunk_frames, codes_at, count_frames, render, slerp
from avgen.stages.sample import sample
from avgen.stages.vocode import vocode
from avgen.types import CODE_RATE, HOP_SIZE, SAMPLE_RATE, Codes, Tokens, Waveform


def turn(angle: float) -> np.ndarray:
    """Unit quaternion of a rotation about y."""
    return np.array([np.cos(angle / 2), 0, np.sin(angle / 2), 0], np.float32)


def ramp(frames: int) -> Codes:
    """Codes that say their own time: face channel 0 is the centre of the frame in seconds."""
    times = ((np.arange(frames) + 0.5) / CODE_RATE).astype(np.float32)
    head = np.stack([np.concatenate([turn(float(t)), [t, 0, 0]]) for t in times]).astype(np.float32)
    return Codes(np.zeros((frames, 80), np.float32), times[:, None], head)


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_codes_are_sampled_at_the_centre_of_each_picture(fps: int) -> None:
    codes = ramp(200)
    centres = (np.arange(count_frames(codes, fps)) + 0.5) / fps
    inside = (centres > 0.5 / CODE_RATE) & (centres < 199.5 / CODE_RATE)
    face, head = codes_at(codes, centres)
    np.testing.assert_allclose(face[inside, 0], centres[inside], atol=1e-5)
    np.testing.assert_allclose(head[inside, 4], centres[inside], atol=1e-5)
    np.testing.assert_allclose(2 * np.arctan2(head[inside, 2], head[inside, 0]), centres[inside], atol=1e-4)


@given(st.integers(1, 3000), st.integers(24, 60))
def test_sound_and_picture_agree_within_half_a_picture(frames: int, fps: int) -> None:
    codes = Codes(
        np.zeros((frames, 80), np.float32), np.zeros((frames, 1), np.float32), np.zeros((frames, 7))
    )
    pictures = count_frames(codes, fps)
    assert pictures >= 1
    wave = Waveform(np.ones(frames * HOP_SIZE, np.float32))
    if pictures > 1:
        assert abs(wave.duration - pictures / fps) <= 0.5 / fps + 1e-9
    track = soundtrack(wave, frames=pictures, fps=fps)
    assert len(track) == round(pictures * SAMPLE_RATE / fps)


def test_soundtrack_refuses_a_lost_stretch() -> None:
    with pytest.raises(
        StageError, match=r"mux failed: the sound is 1\.00 s long, the picture 1\.20 s \(36 frames"
    ):
        soundtrack(Waveform(np.zeros(SAMPLE_RATE, np.float32)), frames=36, fps=30)


def test_pictures_come_in_bounded_chunks() -> None:
    sizes = []

    def draw(tracks: dict[str, np.ndarray]) -> np.ndarray:
        face, head = tracks["face"], tracks["head"]
        sizes.append(len(face))
        assert len(face) == len(head)
        return np.zeros((len(face), 2, 2, 3), np.uint8)

    codes = ramp(200)
    chunks = list(render(codes, SimpleNamespace(render=draw), fps=30))
    assert sum(map(len, chunks)) == count_frames(codes, 30) == sum(sizes)
    assert max(sizes) <= CHUNK_FRAMES


def test_large_pictures_come_in_small_chunks() -> None:
    assert chunk_frames(512, 512) == chunk_frames(1024, 1024) == CHUNK_FRAMES
    assert 1 <= chunk_frames(2160, 2160) < 4
    for width, height in ((512, 512), (1920, 1080), (2160, 2160)):
        assert chunk_frames(width, height) * 4 * width * height <= CHUNK_BYTES


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0, 1))
def test_slerp_turns_evenly_along_the_shorter_arc(a: float, b: float, weight: float) -> None:
    way = (b - a + np.pi) % (2 * np.pi) - np.pi
    if abs(abs(way) - np.pi) < 0.05:
        return
    found = slerp(turn(a)[None], turn(b)[None], np.array([[weight]], np.float32))[0]
    expected = turn(a + weight * way)
    assert min(np.abs(found - expected).max(), np.abs(found + expected).max()) < 1e-3
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-5)


def test_vocode_clips_and_checks_the_length() -> None:
    codes = ramp(3)
    loud = np.full(3 * HOP_SIZE, 2.0, np.float32)
    wave = vocode(codes, lambda mel, seed, prosody: loud, seed=0, mean_pitch=200.0)
    assert wave.samples.max() <= 1.0
    with pytest.raises(StageError, match=r"vocode failed: samples has shape \[5\], expected \[768\]"):
        vocode(codes, lambda mel, seed, prosody: np.zeros(5, np.float32), seed=0, mean_pitch=200.0)


def test_sample_names_the_code_that_is_not_finite() -> None:
    tokens = Tokens(np.zeros((4, 3), np.float32), "phonemes", (), ())
    good = np.zeros((4, 80), np.float32)
    drawn = {"mel": good, "face": np.full((4, 2), np.nan, np.float32), "head_latent": good[:, :8]}
    still = SimpleNamespace(hold=lambda face, head: face)
    flow = SimpleNamespace(sample=lambda conditions, seed, **settings: drawn, gaze=still)
    vae = SimpleNamespace(decode=lambda latent, cues: np.ones((4, 7), np.float32))
    with pytest.raises(StageError, match="sample failed: face has values that are not finite"):
        sample(tokens, flow, vae, seed=0, emotion=(0.0,) * 5, steps=1, temperature=1.0, guidance_scale=1.0)
