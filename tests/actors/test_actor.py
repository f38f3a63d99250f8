from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from avgen.actors.actor import find_actor, read_actor
from avgen.actors.components import Models, check_kinds
from avgen.errors import ActorError
from tests.fakes import write_description


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
        ({"kind": None}, "components: flow: expected exactly kind, file, sha256 and config."),
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


def test_models_are_loaded_once(folder: Path) -> None:
    models = Models(read_actor(folder))
    assert models["head_vae"] is models["head_vae"]
