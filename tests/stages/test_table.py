"""Content keys: what changes them, and what must not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from avgen.actors.actor import SLOTS, Actor, Component
from avgen.avatars.views import View
from avgen.config import RenderConfig
from avgen.errors import ActorError
from avgen.inputs.clips import Clip
from avgen.stages import table as plan
from avgen.stages.table import STAGE_NAMES, ClipSpec, downstream, stage_keys


def spec(
    folder: str = "/a", seed: int = 0, config: RenderConfig | None = None, text: str = "Hi."
) -> ClipSpec:
    parts = {
        slot: Component(slot, "tiny", Path(folder) / f"{slot}.safetensors", f"{n:064x}", {"width": 8})
        for n, slot in enumerate(SLOTS)
    }
    actor = Actor(
        *("tiny", "Tiny", "A test actor.", "CC0-1.0", "Nobody.", "en-US", "phonemes"),
        cameras={"portrait": View((0, 0, 0), 0, 0, 1, 20)},
        credits=("None.",),
        components=parts,
        folder=Path(folder),
        mean_pitch=200.0,
    )
    clip = Clip("clip", text, f"{folder}/clip.txt", 3)
    return ClipSpec(clip, actor, config or RenderConfig(), seed, Path(folder) / "out" / "clip.mp4")


def changed(other: ClipSpec) -> set[str]:
    """Stages whose key differs from that of the plain spec."""
    before, after = stage_keys(spec()), stage_keys(other)
    return {name for name in STAGE_NAMES if before[name] != after[name]}


def with_part(slot: str, **values: object) -> ClipSpec:
    plain = spec()
    parts = {**plain.actor.components, slot: replace(plain.actor.components[slot], **values)}
    return replace(plain, actor=replace(plain.actor, components=parts))


ALL = set(STAGE_NAMES)
AFTER_SAMPLE = {"sample", "vocode", "render", "mux"}


def test_places_do_not_matter() -> None:
    assert changed(spec(folder="/elsewhere")) == set()


@pytest.mark.parametrize(
    ("other", "stages"),
    [
        (spec(seed=1), ALL),
        (spec(text="Ho."), ALL),
        (spec(config=RenderConfig(speaking_rate=1.1)), ALL),
        (spec(config=RenderConfig(sentence_silence=0.5)), ALL),
        (spec(config=RenderConfig(emotion="happy:0.5")), ALL),
        (spec(config=RenderConfig(steps=4)), AFTER_SAMPLE),
        (spec(config=RenderConfig(temperature=0.9)), AFTER_SAMPLE),
        *[
            (spec(config=RenderConfig(**{name: value})), {"render", "mux"})
            for name, value in [
                *(("fps", 25), ("width", 256), ("height", 256), ("camera", "close-up"), ("crf", 30)),
                *(("camera", "20,5,1.2,18"), ("format", "webm")),
                *(("background", "#000000"), ("renderer", "pytorch3d"), ("encoder_speed", "fast")),
            ]
        ],
        (with_part("text_to_tokens", sha256="f" * 64), ALL),
        (with_part("flow", sha256="f" * 64), AFTER_SAMPLE),
        (with_part("head_vae", config={"width": 16}), AFTER_SAMPLE),
        (with_part("vocoder", sha256="f" * 64), {"vocode", "mux"}),
        (with_part("avatar", kind="other"), {"render", "mux"}),
        (replace(spec(), actor=replace(spec().actor, speech_gain_db=6.0)), {"vocode", "mux"}),
        (with_part("extractor", sha256="f" * 64), set()),
    ],
)
def test_each_input_changes_the_stages_it_feeds(other: ClipSpec, stages: set[str]) -> None:
    assert changed(other) == stages


def test_every_setting_feeds_some_stage() -> None:
    read = {name for stage in plan.STAGES for name in stage.settings}
    assert read == set(RenderConfig.__dataclass_fields__)


def test_keys_are_golden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change here means that every cached result is made anew: raise KEY_SCHEMA or a stage's version."""
    monkeypatch.setattr(plan, "package_version", lambda name: "1.0")
    assert {name: key[:16] for name, key in stage_keys(spec()).items()} == {
        "tokenize": "7fb39582f393d7f0",
        "sample": "fc4517717e14c9ec",
        "vocode": "a7d4bbfed25ebd49",
        "render": "6a787f44c7a26e4d",
        "mux": "3a2f6946e070ef9a",
    }


def recording(**changes: object) -> ClipSpec:
    clip = replace(spec().clip, text="", audio=Path("a.wav"), audio_sha256="a" * 64)
    return replace(spec(), clip=clip, **changes)


def test_a_recording_is_heard_once_for_all_seeds_and_is_its_own_sound() -> None:
    one, other = stage_keys(recording(seed=1)), stage_keys(recording(seed=2))
    assert {name for name in one if one[name] != other[name]} == AFTER_SAMPLE - {"vocode"}
    louder = recording(actor=replace(spec().actor, speech_gain_db=6.0))
    assert stage_keys(louder)["mux"] == stage_keys(recording(seed=louder.seed))["mux"]
    moved = recording()
    moved = replace(moved, clip=replace(moved.clip, audio=Path("elsewhere/b.wav")))
    assert stage_keys(moved) == stage_keys(recording())


def test_a_recording_needs_an_extractor() -> None:
    actor = spec().actor
    parts = {slot: part for slot, part in actor.components.items() if slot != "extractor"}
    with pytest.raises(ActorError, match=r"has no extractor, which recordings need: a\.wav"):
        stage_keys(recording(actor=replace(actor, components=parts)))


def test_clips_of_one_run_have_their_own_seeds() -> None:
    first = spec()
    second = replace(first, clip=replace(first.clip, id="other"))
    assert first.clip_seed != second.clip_seed
    assert 0 <= first.clip_seed < 2**63


def test_downstream() -> None:
    assert downstream(None) == frozenset()
    assert downstream("tokenize") == ALL
    assert downstream("vocode") == {"vocode", "mux"}
