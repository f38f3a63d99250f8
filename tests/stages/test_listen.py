"""What is heard and seen of a partner, and how one answers who only listens."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from avgen.casting.portrait import tracker as trackers
from avgen.emotion import NEUTRAL
from avgen.errors import InputError
from avgen.flow.text_to_tokens import TextToTokens
from avgen.inputs.dialogues import AGREES
from avgen.media.ffmpeg import PictureEncoder
from avgen.media.formats import Encoding
from avgen.media.pictures import probe_video, read_pictures
from avgen.partner import FACE_CHANNELS, Partner
from avgen.stages.faces import SMIRK_CHANNELS, on_clock, read_features, track_faces
from avgen.stages.listen import attend, listen
from avgen.takes.archive import FORMS
from avgen.text.labels import LABELS
from avgen.types import CODE_RATE, HOP_SIZE, SAMPLE_RATE, FloatArray, Tokens, Waveform

FRAME = 1 / CODE_RATE


def talk(seconds: float = 12.0) -> Waveform:
    """A buzz that falls low and pauses every two seconds."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = np.where(times % 2 < 1.2, 200, 110) * (1 + 0.03 * np.sin(2 * np.pi * 7 * times))
    buzz = sum(np.sin(k * 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE) / k for k in range(1, 6))
    return Waveform(np.where(times % 2 < 1.5, 0.1 * buzz, 0).astype(np.float32))


def attending(model: TextToTokens, **given: Any) -> Tokens:
    values: dict[str, Any] = {
        "seed": 1,
        "emotion": NEUTRAL,
        "voice": (1.0,),
        "voice_names": ("ada",),
        **given,
    }
    return attend(model, **values)


def test_who_listens_says_mm_hm_after_cues_and_is_silent_otherwise(model: TextToTokens) -> None:
    tokens = attending(model, partner_sound=talk(), partner_seconds=12.0)
    assert len(tokens.logits) == round(12.0 * CODE_RATE)
    assert tokens.words and {word.label for word in tokens.words} == {"Mm-hm."}
    assert {p.label for p in tokens.phonemes if p.label in LABELS[6:]} == {"m", "h"}  # the lips stay closed
    assert tokens.phonemes[-1].end == pytest.approx(12.0, abs=FRAME)
    silent = attending(model, partner_sound=None, partner_seconds=3.0)
    assert silent.words == () and silent.marks == ()


def test_another_seed_answers_otherwise_and_nods_go_with_what_is_said(model: TextToTokens) -> None:
    given = {"partner_sound": talk(40), "partner_seconds": 40.0}
    tokens, other = (attending(model, seed=seed, **given) for seed in (1, 2))
    assert tokens.marks != other.marks and {mark.label for mark in tokens.marks} == {AGREES}
    starts = [mark.start for mark in tokens.marks]
    assert len(starts) > len(tokens.words) > 0
    for word in tokens.words:
        assert min(abs(word.start - start) for start in starts) < 2 * FRAME


def test_what_is_heard_are_odds_of_labels_and_they_survive_the_cache() -> None:
    extractor: Any = SimpleNamespace(
        label_set="phonemes",
        logits=lambda samples: np.ones((len(samples) // HOP_SIZE, len(LABELS)), np.float32),
    )
    sound = Waveform(np.zeros(HOP_SIZE * 50, np.float32))
    options: dict[str, Any] = {"partner_video": None, "partner_features": None}
    partner = listen(extractor, face_channels=0, partner_sound=sound, **options)
    assert partner.tokens is not None and partner.face is None
    np.testing.assert_allclose(partner.tokens.sum(1), 1, rtol=1e-5)
    form = FORMS["partner"]
    again = form.load(form.dump(Partner(partner.tokens, np.ones((50, 3), np.float32))))
    np.testing.assert_array_equal(again.tokens, partner.tokens)
    assert again.face.shape == (50, 3) and form.load(form.dump(partner)).face is None


def test_a_partner_is_there_for_as_long_as_the_actor_speaks() -> None:
    partner = Partner(np.ones((100, 2), np.float32), np.ones((90, 3), np.float32))
    fitted = partner.fitted(110)
    assert fitted.tokens is not None and fitted.face is not None
    assert fitted.tokens.shape == (110, 2) and not fitted.tokens[100:].any() and not fitted.face[90:].any()
    assert partner.fitted(40).tokens.shape == (40, 2)  # type: ignore[union-attr]
    with pytest.raises(InputError, match=r"partner: the file lasts 1.0 s, and what the actor says 3.5 s"):
        partner.fitted(300)


class Tracker:
    """Sees a face in light pictures."""

    def __enter__(self) -> Tracker:
        return self

    def __exit__(self, *error: object) -> None: ...

    def __call__(self, picture: FloatArray, seconds: float) -> FloatArray:
        return np.full(FACE_CHANNELS, 1.0 if picture.mean() > 100 else 0.0, np.float32)


def film(path: Path, *spans: tuple[float, int]) -> Path:
    """Write grey pictures, so many seconds of each level, at 24 a second."""
    with PictureEncoder(path, (64, 48), 24, Encoding()) as encoder:
        for seconds, level in spans:
            encoder.write(np.full((round(24 * seconds), 48, 64, 3), level, np.uint8))
        encoder.finish()
    return path


def test_where_there_is_no_face_for_long_it_is_said_and_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trackers, "FaceTracker", Tracker)
    video = film(tmp_path / "p.mp4", (1.0, 200), (2.0, 20), (1.0, 200))
    with caplog.at_level(logging.WARNING):
        faces = track_faces(video)
    assert "p.mp4: no face is seen from 1.0 to 3.0 s; there the actor goes by the sound alone" in caplog.text
    assert len(faces) == pytest.approx(4 * CODE_RATE, abs=2)
    seen = faces.all(1)
    assert not seen[round(1.1 * CODE_RATE) : round(2.9 * CODE_RATE)].any()
    assert seen[: round(0.9 * CODE_RATE)].all() and seen[round(3.1 * CODE_RATE) :].all()
    with pytest.raises(InputError, match=r"q.mp4: no face is seen in it"):
        track_faces(film(tmp_path / "q.mp4", (0.5, 20)))


def test_pictures_of_a_video_are_read_at_a_rate_and_small(tmp_path: Path) -> None:
    video = film(tmp_path / "p.mp4", (1.0, 200))
    found = probe_video(video)
    assert found and found.seconds == pytest.approx(1.0) and not found.has_sound
    pictures = list(read_pictures(video, 30, 32))
    assert len(pictures) == 30 and pictures[0].shape == (24, 32, 3)
    (tmp_path / "cut.mp4").write_bytes(video.read_bytes()[:800])
    with pytest.raises(InputError, match=r"cut.mp4: (its pictures cannot be read|there are no pictures)"):
        list(read_pictures(tmp_path / "cut.mp4", 30, 32))
    (tmp_path / "text.mp4").write_bytes(b"hello")
    assert probe_video(tmp_path / "text.mp4") is None


def test_faces_go_on_between_pictures_and_stop_at_gaps() -> None:
    faces = np.arange(1, 7, dtype=np.float32)[:, None].repeat(2, 1)
    faces[3] = 0
    found = on_clock(faces, 2 * CODE_RATE)  # frame n lies at (n + 1/2) / rate: at 1, 3 and 5 half-frames
    np.testing.assert_allclose(found[:, 0], [2, 0, 6])


def test_features_of_smirk_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "p.smirk.safetensors"
    parts = {"expression": np.ones((50, 50), np.float32), "jaw": np.full((50, 3), 2, np.float32)}
    whole = {**parts, "head": np.full((50, 3), 3, np.float32), "fps": np.array([25.0], np.float32)}
    save_file(whole, path)
    found = read_features(path)
    assert found.shape == (round(2 * CODE_RATE), SMIRK_CHANNELS)
    assert (found[0, 0], found[0, 50], found[0, 53]) == (1, 2, 3)
    for wrong in ({"jaw": np.ones((50, 2), np.float32)}, {"fps": np.array([0.0], np.float32)}):
        save_file({**whole, **wrong}, path)
        with pytest.raises(InputError, match=r"p.smirk.safetensors: not features of a face"):
            read_features(path)
    save_file(parts, path)
    with pytest.raises(InputError, match=r"not features of a face"):
        read_features(path)
