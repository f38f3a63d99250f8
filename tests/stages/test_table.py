"""Content keys: what changes them, and what must not."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from avgen.actors.actor import SLOTS, Actor, Component, find_actor
from avgen.avatars.views import Extent, View
from avgen.background import Background
from avgen.config import SETTINGS, RenderConfig
from avgen.emotion import Emotion
from avgen.errors import ActorError
from avgen.gestures import Gestures
from avgen.inputs.clips import Clip, Recording, Text
from avgen.inputs.partners import PartnerFile
from avgen.stages import spec as specs
from avgen.stages.spec import ClipSpec, stage_keys
from avgen.stages.stage import GIVEN, Stage
from avgen.stages.table import ALWAYS, LISTEN_STAGE, ROADS, STAGE_NAMES, downstream
from avgen.style import Style
from avgen.voices import Voice

VOICES = {"ada": Voice(190.0, 16.0, "A woman."), "ben": Voice(110.0, 16.0, "A man.")}


def spec(
    folder: str = "/a", seed: int = 0, config: RenderConfig | None = None, text: str = "Hi."
) -> ClipSpec:
    parts = {
        slot: Component(slot, "tiny", Path(folder) / f"{slot}.safetensors", f"{n:064x}", {"width": 8})
        for n, slot in enumerate(SLOTS)
        if slot != "motion"
    }
    actor = Actor(
        *("tiny", "Tiny", "A test actor.", "CC0-1.0", "Nobody.", "en-US", "phonemes"),
        cameras={"portrait": View((0, 0, 0), 0, 0, 1, 20), "close-up": View((0, 0, 0), 0, 0, 0.8, 20)},
        voices=VOICES,
        voice="ada",
        credits=("None.",),
        components=parts,
        folder=Path(folder),
    )
    clip = Clip("clip", Text(text, f"{folder}/clip.txt", 3))
    return ClipSpec(clip, actor, config or RenderConfig(), seed, Path(folder) / "out" / "clip.mp4")


def changed(other: ClipSpec) -> set[str]:
    """Stages whose key differs from that of the plain spec."""
    before, after = stage_keys(spec()), stage_keys(other)
    return {name for name in STAGE_NAMES if before[name] != after[name]}


def with_part(slot: str, **values: object) -> ClipSpec:
    plain = spec()
    parts = {**plain.actor.components, slot: replace(plain.actor.components[slot], **values)}
    return replace(plain, actor=replace(plain.actor, components=parts))


def with_voices(voice: str = "ada", **voices: Voice) -> ClipSpec:
    """The plain spec, some of the actor's voices changed or in another order, and its own voice."""
    plain = spec()
    return replace(plain, actor=replace(plain.actor, voice=voice, voices={**voices, **VOICES, **voices}))


ALL = set(STAGE_NAMES)
AFTER_SAMPLE = {"sample", "move", "gesture", "style", "vocode", "render", "mux"}


def test_places_do_not_matter() -> None:
    assert changed(spec(folder="/elsewhere")) == set()


@pytest.mark.parametrize(
    ("other", "stages"),
    [
        (spec(seed=1), ALL),
        (spec(text="Ho."), ALL),
        (spec(config=RenderConfig(speaking_rate=1.1)), ALL),
        (spec(config=RenderConfig(sentence_silence=0.5)), ALL),
        (spec(config=RenderConfig(emotion=Emotion(happy=0.5))), ALL),
        (spec(config=RenderConfig(voice="ben")), ALL),
        (spec(config=RenderConfig(voice="ada:0.6,ben:0.4")), ALL),
        (spec(config=RenderConfig(voice="ada")), set()),
        (spec(config=RenderConfig(voice="ada:2")), set()),
        (with_voices("ben", ben=VOICES["ben"], ada=VOICES["ada"]), ALL),
        (with_voices("ada:0.5,ben:0.5"), ALL),
        (with_voices(ada=VOICES["ada"]._replace(mean_pitch=120.0)), {"vocode", "mux"}),
        (with_voices(ada=VOICES["ada"]._replace(characters_per_second=9.0, description="Ada.")), set()),
        (spec(config=RenderConfig(steps=4)), AFTER_SAMPLE),
        (spec(config=RenderConfig(temperature=0.9)), AFTER_SAMPLE),
        *[
            (spec(config=RenderConfig(**{name: value})), {"render", "mux"})
            for name, value in [
                *(("fps", 25), ("width", 256), ("height", 256), ("camera", "close-up"), ("crf", 30)),
                *(("camera", "20,5,1.2,18"), ("format", "webm")),
                *(("background", Background("#000000")), ("encoder_speed", "fast")),
            ]
        ],
        (spec(config=RenderConfig(style=Style(eyelids=0.8))), {"style", "render", "mux"}),
        (with_part("text_to_tokens", sha256="f" * 64), ALL),
        (with_part("flow", sha256="f" * 64), AFTER_SAMPLE),
        (with_part("head_vae", config={"width": 16}), AFTER_SAMPLE),
        (with_part("vocoder", sha256="f" * 64), {"vocode", "mux"}),
        (with_part("avatar", kind="other"), {"render", "mux"}),
        (replace(spec(), actor=replace(spec().actor, speech_gain_db=6.0)), {"vocode", "mux"}),
        (replace(spec(), actor=replace(spec().actor, title="Other")), {"mux"}),
        (replace(spec(), actor=replace(spec().actor, consent="Anna agreed to lectures.")), {"mux"}),
        (with_part("extractor", sha256="f" * 64), set()),
    ],
)
def test_each_input_changes_the_stages_it_feeds(other: ClipSpec, stages: set[str]) -> None:
    assert changed(other) == stages


def test_every_setting_feeds_some_stage_but_what_becomes_something_else() -> None:
    read = {name for road in ROADS.values() for stage in road for name in stage.settings}
    assert read == SETTINGS - {"camera", "lexicon", "voice"}


def test_a_camera_counts_by_what_it_shows_and_not_by_its_name() -> None:
    plain = spec()
    moved = replace(plain.actor, cameras={"portrait": View((0, 0.1, 0), 0, 0, 1, 20)})
    assert changed(replace(plain, actor=moved)) == {"render", "mux"}
    renamed = replace(plain.actor, cameras={"front": plain.actor.cameras["portrait"]})
    assert changed(replace(plain, actor=renamed)) == set()
    assert changed(replace(plain, config=RenderConfig(camera="portrait"))) == set()


def test_the_device_that_draws_is_the_device_in_the_key() -> None:
    """Recordings are their own sound, and texts are read on the CPU, wherever the rest is computed."""
    assert changed(replace(spec(), device="cuda")) == AFTER_SAMPLE
    before, after = (stage_keys(recording(device=device)) for device in ("cpu", "cuda"))
    assert {name for name in before if before[name] != after[name]} == {
        "sample",
        "move",
        "gesture",
        "style",
        "render",
        "mux",
    }


STAGES = [pytest.param(stage, id=f"{road}-{stage.name}") for road in ROADS for stage in ROADS[road]]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_takes_exactly_what_its_entry_declares(stage: Stage) -> None:
    road = next(road for road in ROADS.values() if stage in road)
    results = {other.name: other.result for other in road}
    declared = [
        *(results[name] for name in stage.upstream),
        *(*stage.slots, *stage.settings, *stage.traits, *stage.given),
    ]
    parameters = inspect.signature(stage.function).parameters.values()
    needed = {parameter.name for parameter in parameters if parameter.default is parameter.empty}
    assert needed <= set(declared) <= {parameter.name for parameter in parameters}
    assert all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_what_there_is_and_reads_what_was_made_before(stage: Stage) -> None:
    actor = {field.name for field in fields(Actor)} | {"voice_names", "mean_pitches", "face_channels"}
    assert set(stage.slots) <= set(SLOTS) and set(stage.settings) <= SETTINGS
    assert set(stage.traits) <= actor - {"components", "cameras", "folder"} and set(stage.given) <= set(GIVEN)
    road = next(road for road in ROADS.values() if stage in road)
    earlier = [other.name for other in road[: road.index(stage)]]
    assert set(stage.upstream) <= set(earlier)


def test_roads_have_the_same_stages_and_results() -> None:
    for name, road in ROADS.items():
        if name == "scene":
            assert [(stage.name, stage.result) for stage in road] == [("render", "picture"), ("mux", "video")]
            continue
        stages = [stage for stage in road if stage.name != LISTEN_STAGE]
        assert tuple(stage.name for stage in stages) == STAGE_NAMES
        assert [stage.result for stage in stages] == [stage.result for stage in ROADS["text"]]
        assert (len(stages) < len(road)) == name.endswith("+listen")


def test_keys_are_golden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change here means that every cached result is made anew: raise KEY_SCHEMA or a stage's version."""
    monkeypatch.setattr(specs, "package_version", lambda name: "1.0")
    keys = {"text": stage_keys(spec()), "recording": stage_keys(recording())}
    assert {road: {name: key[:16] for name, key in of_road.items()} for road, of_road in keys.items()} == {
        "text": {
            "tokenize": "d472344b5123d2eb",
            "sample": "6c6d9f1165f8d3b9",
            "move": "6c6d9f1165f8d3b9",
            "gesture": "6c6d9f1165f8d3b9",
            "style": "6c6d9f1165f8d3b9",
            "vocode": "66700df8ea2bdfea",
            "render": "555dabf958f33686",
            "mux": "ef689c37c79f3cc5",
        },
        "recording": {
            "tokenize": "4909dae5d27b37d4",
            "sample": "6eca90b318ac9f2c",
            "move": "6eca90b318ac9f2c",
            "gesture": "6eca90b318ac9f2c",
            "style": "6eca90b318ac9f2c",
            "vocode": "ed05aa2453253a3f",
            "render": "2e1d700b96100ee8",
            "mux": "7d4080d936ed6e29",
        },
    }


def talking(sha256: str = "b" * 64, channel: str = "", **changes: Any) -> ClipSpec:
    """The plain spec, of an actor who can listen, talking with somebody."""
    listens = with_part("flow", config={"conditions": {"tokens": {}, "partner_tokens": {"channels": 88}}})
    partner = PartnerFile(Path("p.wav"), sha256, 9.0, channel=channel)
    source = replace(spec().clip.source, partner=partner)
    return replace(listens, clip=Clip("clip", source), **changes)


def test_a_partner_changes_what_is_drawn_and_not_what_is_said() -> None:
    alone = replace(talking(), clip=spec().clip)
    one, other = stage_keys(talking()), stage_keys(talking(sha256="c" * 64))
    plain = stage_keys(alone)
    assert set(plain) == ALL and set(one) == ALL | {LISTEN_STAGE}
    assert {name for name in ALL if one[name] != plain[name]} == AFTER_SAMPLE
    assert {name for name in one if one[name] != other[name]} == {LISTEN_STAGE, *AFTER_SAMPLE}
    louder = stage_keys(talking(seed=5))
    assert louder[LISTEN_STAGE] == one[LISTEN_STAGE]
    both = stage_keys(talking(config=RenderConfig(sound="both", mix="mono")))
    assert {name for name in one if one[name] != both[name]} == {"mux"}
    assert stage_keys(replace(alone, config=RenderConfig(sound="both", mix="mono"))) == plain


def test_who_speaks_nods_to_what_a_partner_says_and_who_listens_does_so_already() -> None:
    stages = ((name, stage) for name, road in ROADS.items() for stage in road if stage.name == "sample")
    nodding = {name for name, stage in stages if "partner_sound" in stage.given}
    assert nodding == {
        f"{name}+{how}" for name in ("text", "subtitles", "recording") for how in ("partner", "listen")
    }


def test_a_partner_whom_an_actor_would_not_notice_is_refused() -> None:
    source = talking().clip.source
    with pytest.raises(ActorError, match=r"tiny has not learnt to listen: nothing of p.wav would be seen"):
        stage_keys(replace(spec(), clip=Clip("clip", source)))
    heard = recording()
    channel = replace(
        heard.clip.source, channel="left", partner=PartnerFile(Path("a.wav"), "a" * 64, 9.0, channel="right")
    )
    one = stage_keys(replace(heard, clip=Clip("clip", channel)))
    assert set(one) == ALL and not set(one.values()) & set(stage_keys(heard).values())


def recording(**changes: object) -> ClipSpec:
    return replace(spec(), clip=Clip("clip", Recording(Path("a.wav"), "a" * 64, "a.wav")), **changes)


def test_a_recording_is_heard_once_for_all_seeds_and_is_its_own_sound() -> None:
    one, other = stage_keys(recording(seed=1)), stage_keys(recording(seed=2))
    assert {name for name in one if one[name] != other[name]} == AFTER_SAMPLE - {"vocode"}
    assert stage_keys(recording(config=RenderConfig(voice="ben"))) == stage_keys(recording())
    louder = recording(actor=replace(spec().actor, speech_gain_db=6.0))
    assert stage_keys(louder)["mux"] == stage_keys(recording(seed=louder.seed))["mux"]
    moved = Clip("clip", Recording(Path("elsewhere/b.wav"), "a" * 64, "m.csv: line 2"))
    assert stage_keys(replace(recording(), clip=moved)) == stage_keys(recording())


def test_a_recording_needs_an_extractor() -> None:
    actor = spec().actor
    parts = {slot: part for slot, part in actor.components.items() if slot != "extractor"}
    with pytest.raises(ActorError, match=r"has no extractor, which recordings need: a\.wav"):
        stage_keys(recording(actor=replace(actor, components=parts)))


def test_a_stage_with_nothing_to_do_has_the_key_of_what_it_would_work_on() -> None:
    plain, styled = (stage_keys(spec(config=RenderConfig(style=Style(upper_face=x)))) for x in (1.0, 1.2))
    assert plain["style"] == plain["move"] == plain["sample"] == styled["sample"] != styled["style"]
    assert set(STAGE_NAMES) - set(ALWAYS) == {"move", "gesture", "style"}


def test_motion_to_sound_is_of_whoever_has_networks_for_it() -> None:
    plain = spec()
    motion = Component("motion", "tiny", Path("/a/motion.safetensors"), "a" * 64, {"steps": 10})
    moving = replace(
        plain, actor=replace(plain.actor, components={**plain.actor.components, "motion": motion})
    )
    assert changed(moving) == {"move", "gesture", "style", "render", "mux"}
    finer = replace(moving.actor.components["motion"], config={"steps": 20})
    parts = {**moving.actor.components, "motion": finer}
    other = replace(moving, actor=replace(moving.actor, components=parts))
    before, after = stage_keys(moving), stage_keys(other)
    assert {name for name in before if before[name] != after[name]} == {
        "move",
        "gesture",
        "style",
        "render",
        "mux",
    }


def embodied(gestures: str = "0.6", slots: Collection[str] = SLOTS) -> ClipSpec:
    """The plain spec, seen from a camera that shows the body."""
    actor = spec().actor
    medium = View((0, 0, 0), 0, 0, 1, 20, extent=Extent(0.5, 0.5))
    parts = {slot: part for slot, part in actor.components.items() if slot in slots}
    config = RenderConfig(gestures=Gestures.parse(gestures))
    return replace(spec(), actor=replace(actor, cameras={"medium": medium}, components=parts), config=config)


def test_a_body_gestures_where_there_is_one_and_it_is_seen() -> None:
    others = set(SLOTS) - {"body", "gesture_generator"}
    cases = ("0.6",), ("none",), ("calm",), ("0.6", others | {"body"}), ("0.6", others)
    seen, still, calm, by_rule, bodiless = (stage_keys(embodied(*case)) for case in cases)
    assert seen["gesture"] != seen["sample"] == still["gesture"] == bodiless["gesture"]
    assert by_rule["gesture"] not in (seen["gesture"], seen["sample"])
    assert {name for name in seen if seen[name] != calm[name]} == {"gesture", "style", "render", "mux"}
    other = embodied()
    parts = {**other.actor.components}
    parts["gesture_generator"] = replace(parts["gesture_generator"], sha256="f" * 64)
    trained = stage_keys(replace(other, actor=replace(other.actor, components=parts)))
    assert {name for name in seen if seen[name] != trained[name]} == {"gesture", "style", "render", "mux"}
    assert changed(spec(config=RenderConfig(gestures=Gestures.parse("calm")))) == set()
    assert changed(with_part("gesture_generator", sha256="f" * 64)) == set()


def test_clips_of_one_run_have_their_own_seeds() -> None:
    first = spec()
    second = replace(first, clip=replace(first.clip, id="other"))
    assert first.clip_seed != second.clip_seed
    assert 0 <= first.clip_seed < 2**63


@pytest.mark.parametrize("plain", [spec(config=RenderConfig(background=Background("a.png"))), recording()])
def test_a_spec_survives_the_way_to_another_process(
    plain: ClipSpec, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = replace(plain, actor=find_actor("tiny"))
    again = ClipSpec.from_json(json.loads(json.dumps(sent.to_json())))
    monkeypatch.chdir("/")
    assert again.config == sent.config and again.actor == sent.actor and again.seed == sent.seed
    assert again.clip.source.sha256 == sent.clip.source.sha256 and again.output.is_absolute()


def test_an_actor_that_changed_on_the_way_is_refused(tiny: Path) -> None:
    sent = replace(spec(), actor=replace(find_actor("tiny"), sha256="0" * 64)).to_json()
    with pytest.raises(ActorError, match=r"actor tiny was changed during the run\. Run it again\."):
        ClipSpec.from_json(sent)


def test_downstream() -> None:
    assert downstream(None) == frozenset()
    assert downstream("tokenize") == ALL
    assert downstream("vocode", idle=["move", "gesture", "style"]) == {"vocode", "mux"}
    assert downstream("vocode") == {"vocode", "move", "gesture", "style", "render", "mux"}
