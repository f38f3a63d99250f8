from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from avgen.actors.actor import SLOTS, find_actor, read_actor
from avgen.actors.components import Models, check_kinds
from avgen.actors.packing import pack
from avgen.errors import ActorError
from tests.fakes import Plain, voice, write_actor, write_description


def components(folder: Path, slot: str, **changes: Any) -> dict[str, Any]:
    """The components of the actor in a folder, one of them changed; None removes a value."""
    values = yaml.safe_load((folder / "actor.yaml").read_text())["components"]
    part = {**values[slot], **changes}
    return {**values, slot: {key: value for key, value in part.items() if value is not None}}


@pytest.fixture
def folder(tiny: Path) -> Path:
    return tiny / "home" / "actors" / "tiny"


def test_own_actor_hides_a_packaged_one(folder: Path) -> None:
    assert find_actor("tiny").folder == folder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"licence": None}, "actor.yaml: missing: licence."),
        ({"license": "x"}, "actor.yaml: unknown key 'license'. Did you mean 'licence'?"),
        ({"title": 3}, "actor.yaml: title: expected a text, got 3."),
        ({"cameras": []}, "actor.yaml: cameras: expected a mapping of names to cameras, got []."),
        (
            {"components": {}},
            "actor.yaml: components: missing: text_to_tokens, flow, head_vae, vocoder, avatar.",
        ),
    ],
)
def test_mistakes_in_the_description(folder: Path, changes: dict[str, Any], message: str) -> None:
    write_description(folder, **changes)
    with pytest.raises(ActorError) as error:
        read_actor(folder)
    assert str(error.value).endswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"voices": []}, "voices: expected a mapping of names to voices, got []."),
        ({"voices": {}}, "voices: expected a mapping of names to voices, got {}."),
        (
            {"voices": {"Ada": voice()}},
            "voices: expected names of small letters, digits and hyphens, got 'Ada'.",
        ),
        (
            {"voices": {"tiny": 3}},
            "voices: tiny: expected exactly mean_pitch, characters_per_second and description.",
        ),
        (
            {"voices": {"tiny": {**voice(), "mean_pitch": 5}}},
            "voices: tiny: mean_pitch: expected a number from 40 to 600, got 5.",
        ),
        (
            {"voices": {"tiny": {**voice(), "description": ""}}},
            "voices: tiny: description: expected a text, got ''.",
        ),
        ({"voice": voice()}, f"voice: expected the name of one of its voices, or a mix, got {voice()!r}."),
        ({"voice": "tyni"}, "voice: unknown voice 'tyni'. Did you mean 'tiny'?"),
        ({"voice": "tiny:x"}, "got 'x' in 'tiny:x'. Write a name, or a mix such as ada:0.6,ben:0.4."),
        ({"speech_gain_db": True}, "speech_gain_db: expected a number from -40 to 40, got True."),
    ],
)
def test_mistakes_in_voices(folder: Path, changes: dict[str, Any], message: str) -> None:
    write_description(folder, **changes)
    with pytest.raises(ActorError) as error:
        read_actor(folder)
    assert "actor.yaml: " in str(error.value) and str(error.value).endswith(message)


def test_voices_are_those_that_the_models_know(tmp_path: Path) -> None:
    folder = write_actor(tmp_path / "duo", {"ada": voice(), "ben": voice(110)})
    actor = read_actor(folder)
    assert (actor.voice_names, actor.mean_pitches, actor.voice) == (("ada", "ben"), (190.0, 110.0), "ada")
    assert actor.shares() == (1.0, 0.0) and actor.shares("ben:3,ada") == (0.25, 0.75)
    write_description(folder, voices={"ada": voice()})
    with pytest.raises(
        ActorError, match="voices: expected as many as the flow knows, in its order: 2, got 1: ada"
    ):
        read_actor(folder)
    write_description(folder, components=components(folder, "flow", config={}))
    with pytest.raises(ActorError, match="as many as the text_to_tokens knows, in its order: 2, got 1: ada"):
        read_actor(folder)


def test_a_name_is_that_of_its_folder(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, folder.with_name("my_tiny"))
    said = r"actor.yaml: name: expected 'my_tiny', as its folder is called, got 'tiny'\. Rename one of them\."
    with pytest.raises(ActorError, match=said):
        find_actor("my_tiny")
    write_description(copy, name="my_tiny")
    assert find_actor("my_tiny").name == "my_tiny" and find_actor("tiny").folder == folder
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert read_actor(link).name == "tiny"


def test_a_folder_that_lies_here_needs_no_slash_but_hides_nobody(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "beside")
    write_description(tmp_path / "beside", name="beside")
    assert find_actor("beside").folder == Path("beside")
    shutil.copytree(folder, tmp_path / "tiny")
    assert find_actor("tiny").folder == folder and find_actor("./tiny").folder == Path("tiny")


@pytest.mark.parametrize("text", ["a\0b", "\x1b[2J", "\x9b", "\x7f"])
@pytest.mark.parametrize("key", ["title", "description", "consent", "credits"])
def test_descriptions_hold_no_control_characters(folder: Path, key: str, text: str) -> None:
    write_description(folder, **{key: [text] if key == "credits" else text})
    with pytest.raises(ActorError, match=f"actor.yaml: {key}: expected a text without control characters"):
        read_actor(folder)


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = ["name", "title", "cameras", "captured", "credits", "voice", "voices", "speech_gain_db"]
KEYS += ["components", "flow"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(KEYS), VALUES)
def test_any_value_in_a_description_is_read_or_an_actor_error(
    tiny_actor: Path, tmp_path_factory: pytest.TempPathFactory, key: str, value: Any
) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzz" / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    text = (tiny_actor / "actor.yaml").read_text(encoding="utf-8")
    (folder / "actor.yaml").write_text(text, encoding="utf-8")
    values = components(folder, "flow", config=value) if key == "flow" else value
    name = "components" if key == "flow" else key
    content = yaml.safe_load(text) | {name: values}
    (folder / "actor.yaml").write_text(yaml.dump(content, Dumper=Plain, allow_unicode=True), encoding="utf-8")
    try:
        check_kinds(read_actor(folder))
    except ActorError as error:
        assert "actor.yaml" in str(error) or "unknown kind" in str(error)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"kind": None},
            "components: flow: expected exactly kind, file, sha256 and config; or actor and sha256, "
            "for the same part of another actor.",
        ),
        ({"file": "../flow.safetensors"}, "flow: file: expected the name of a .safetensors file beside it"),
        (
            {"file": "flow.pt"},
            "flow: file: expected the name of a .safetensors file beside it, got 'flow.pt'.",
        ),
        ({"sha256": "12"}, "flow: sha256: expected 64 hexadecimal digits, got '12'."),
        ({"config": 3}, "flow: config: expected a mapping, got 3."),
    ],
)
def test_mistakes_in_a_component(folder: Path, changes: dict[str, Any], message: str) -> None:
    write_description(folder, components=components(folder, "flow", **changes))
    with pytest.raises(ActorError) as error:
        read_actor(folder)
    assert message in str(error.value)


def test_unknown_kind_names_the_nearest(folder: Path) -> None:
    write_description(folder, components=components(folder, "vocoder", kind="source_filtre"))
    with pytest.raises(
        ActorError, match=r"vocoder: unknown kind 'source_filtre'. Did you mean 'source_filter'\?"
    ):
        check_kinds(read_actor(folder))


def test_weights_that_do_not_fit_their_config(folder: Path) -> None:
    write_description(folder, components=components(folder, "text_to_tokens", config={"num_labels": 3}))
    said = r"text_to_tokens\.safetensors does not fit its configuration as TextToTokens: embed\.weight: "
    with pytest.raises(ActorError, match=said):
        Models(read_actor(folder))["text_to_tokens"]


@pytest.mark.parametrize(
    "slot", [slot for slot in SLOTS if slot not in ("avatar", "body", "motion", "gesture_generator")]
)
@pytest.mark.parametrize("damage", ["cut", "empty", "foreign", "not finite"])
def test_weights_that_are_damaged_but_well_hashed_are_one_line(folder: Path, slot: str, damage: str) -> None:
    file = folder / f"{slot}.safetensors"
    if damage == "not finite":
        tensors = load_file(file)
        save_file({name: np.full_like(value, np.nan) for name, value in tensors.items()}, file)
    elif damage == "foreign":
        save_file({"weight": np.zeros(3, np.float32)}, file)
    else:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 if damage == "cut" else 0])
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    write_description(folder, components=components(folder, slot, sha256=digest))
    with pytest.raises(ActorError, match=rf"{slot}\.safetensors") as error:
        Models(read_actor(folder))[slot]
    assert "\n" not in str(error.value)


def test_weights_that_change_after_planning_are_refused(folder: Path) -> None:
    models = Models(read_actor(folder))
    file = folder / "flow.safetensors"
    tensors = load_file(file)
    save_file({name: value + 1 for name, value in tensors.items()}, file)
    with pytest.raises(ActorError, match=r"flow\.safetensors was changed during the run\. Run it again\."):
        models["flow"]


def test_models_are_loaded_once(folder: Path) -> None:
    models = Models(read_actor(folder))
    assert models["head_vae"] is models["head_vae"]


@pytest.fixture
def borrower(folder: Path) -> Path:
    """An actor with an avatar of its own, and everything else of the tiny actor."""
    other = folder.with_name("anna")
    other.mkdir()
    shutil.copy(folder / "actor.yaml", other)
    parts = yaml.safe_load((folder / "actor.yaml").read_text())["components"]
    shutil.copy(folder / parts["avatar"]["file"], other)
    borrowed = {slot: {"actor": "tiny", "sha256": part["sha256"]} for slot, part in parts.items()}
    write_description(other, name="anna", components={**borrowed, "avatar": parts["avatar"]})
    return other


def test_an_actor_may_have_parts_of_another(folder: Path, borrower: Path) -> None:
    anna, tiny = read_actor(borrower), read_actor(folder)
    assert anna.components["avatar"].file == borrower / "avatar.safetensors"
    for slot in set(SLOTS) - {"avatar", "body", "motion", "gesture_generator"}:
        assert anna.components[slot] == tiny.components[slot]
    assert type(Models(anna)["flow"]) is type(Models(tiny)["flow"])


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (
            {"actor": "tina", "sha256": "0" * 64},
            "components: flow: unknown actor 'tina'. Did you mean 'tiny'?",
        ),
        (
            {"actor": "tiny", "sha256": "0" * 64},
            "components: flow: this actor was made with another version of",
        ),
        ({"actor": "anna", "sha256": "0" * 64}, "components: flow: actor anna has no flow of its own."),
        ({"actor": "tiny"}, "or actor and sha256, for the same part of another actor."),
        ({"actor": "tiny", "sha256": "x"}, "sha256: expected 64 hexadecimal digits, got 'x'."),
    ],
)
def test_a_part_of_another_is_the_one_that_was_meant(
    borrower: Path, reference: dict[str, str], message: str
) -> None:
    parts = yaml.safe_load((borrower / "actor.yaml").read_text())["components"]
    write_description(borrower, components={**parts, "flow": reference})
    with pytest.raises(ActorError) as error:
        read_actor(borrower)
    assert message in str(error.value)


def test_packing_leaves_another_actors_parts_alone(borrower: Path) -> None:
    before = yaml.safe_load((borrower / "actor.yaml").read_text())["components"]
    (borrower / "avatar.safetensors").write_bytes(b"other")
    after = pack(borrower)
    assert after["flow"] == before["flow"] and after["avatar"]["sha256"] != before["avatar"]["sha256"]
