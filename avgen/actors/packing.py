"""Weights become an actor: files put into its folder, and what they are recorded in its description."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from avgen.actors.actor import ACTOR_FILE, SLOTS
from avgen.actors.components import KINDS
from avgen.documents import load_yaml, unknown
from avgen.errors import ActorError, InputError
from avgen.files import part_file, publish, sha256_file, write_whole

SUFFIX: Final = ".safetensors"
_FORM: Final = "expected SLOT=FILE or SLOT:KIND=FILE"


@dataclass(frozen=True, slots=True)
class Weights:
    """What a component is made of.

    Attributes:
        slot: the part it plays, one of SLOTS.
        kind: names its class; None if it stays of the kind that it is.
        file: safetensors, or BigVGAN's .pt; its configuration lies beside it as `NAME.yaml` or `config.json`.
    """

    slot: str
    kind: str | None
    file: Path

    @classmethod
    def parse(cls, text: str) -> Weights:
        """Read `SLOT=FILE` or `SLOT:KIND=FILE`.

        Raises:
            InputError: for another form, an unknown slot or kind, or a file that is not there.
        """
        name, equals, file = text.partition("=")
        slot, _, kind = name.partition(":")
        if not equals:
            raise InputError(f"{_FORM}, got {text!r}.")
        if slot not in SLOTS:
            raise InputError(f"{_FORM}, got {text!r}: {unknown('slot', slot, SLOTS)}")
        if kind and kind not in KINDS[slot]:
            raise InputError(f"{_FORM}, got {text!r}: {unknown('kind', kind, KINDS[slot])}")
        if not Path(file).is_file():
            raise InputError(f"{_FORM}, got {text!r}: there is no such file.")
        return cls(slot, kind or None, Path(file))


def pack(folder: Path, weights: Iterable[Weights] = ()) -> dict[str, Any]:
    """Put weights into an actor's folder, and record in its actor.yaml what all its files are now.

    Args:
        folder: of the actor, with a description that may still lack components.
        weights: new components; the files of the others are hashed again, except for other actors' files.

    Returns:
        The new components by slot, as in actor.yaml.

    Raises:
        ActorError: a file cannot be read, or one that the description names is missing.
        InputError: the description cannot be read.
    """
    path = folder / ACTOR_FILE
    values = load_yaml(path)
    parts = dict(values.get("components") or {})
    for one in weights:
        parts[one.slot] = _take(folder, one, parts.get(one.slot, {}))
    values["components"] = {
        slot: parts[slot]
        if "actor" in parts[slot]
        else {**parts[slot], "sha256": _hash(folder / parts[slot]["file"], slot)}
        for slot in SLOTS
        if slot in parts
    }
    write_whole(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100))
    packed: dict[str, Any] = values["components"]
    return packed


def _take(folder: Path, weights: Weights, old: Mapping[str, Any]) -> dict[str, Any]:
    """Put weights into the folder; returns their component, not yet hashed."""
    file = folder / f"{weights.slot}{SUFFIX}"
    if weights.file.resolve() != file.resolve():
        with part_file(folder, file.name) as part:
            _write_safetensors(weights.file, part)
            publish(part, file)
    usual = old.get("kind", next(iter(KINDS[weights.slot])))
    kind = weights.kind or usual
    beside = (weights.file.with_suffix(".yaml"), weights.file.with_name("config.json"))
    config = next((load_yaml(path) for path in beside if path.is_file()), None)
    if config is None:
        config = old.get("config", {}) if kind == usual else {}
    return {"kind": kind, "file": file.name, "sha256": "", "config": config}


def _write_safetensors(source: Path, part: Path) -> None:
    """Copy safetensors; take the tensors, and nothing else, out of any other checkpoint."""
    if source.suffix == SUFFIX:
        shutil.copyfile(source, part)
        return
    from safetensors.torch import save_file

    from avgen.vocoders.bigvgan import read_checkpoint

    try:
        save_file(read_checkpoint(source), part)
    except (pickle.UnpicklingError, AttributeError, EOFError, RuntimeError, TypeError, ValueError) as error:
        raise ActorError(f"{source}: expected safetensors or BigVGAN's .pt: {error}") from error


def _hash(file: Path, slot: str) -> str:
    try:
        return sha256_file(file)
    except OSError as error:
        raise ActorError(f"{file}: the {slot} file cannot be read: {error.strerror}.") from None
