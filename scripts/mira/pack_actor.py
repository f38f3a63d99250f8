"""Put trained weights into an actor folder and record what they are in its actor.yaml.

    python -m scripts.mira.pack_actor presets/actors/mira flow=runs/flow/flow.safetensors
    python -m scripts.mira.pack_actor my_actor vocoder:bigvgan=downloads/bigvgan_generator.pt

copies the file (BigVGAN's .pt becomes safetensors) and takes its configuration from `flow.yaml` or
`config.json` beside it, if there is one; otherwise a component that stays of its kind keeps the configuration
it has. Without such arguments the files that are there are hashed again.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from safetensors.torch import save_file

from avgen.actors.actor import ACTOR_FILE, SLOTS
from avgen.actors.components import KINDS
from avgen.config import load_yaml
from avgen.files import sha256_file
from avgen.vocoders.bigvgan import read_checkpoint


class Source(NamedTuple):
    """What a component is made of; without a kind it stays of the kind it is."""

    slot: str
    kind: str | None
    file: Path


def take(folder: Path, source: Source, old: dict[str, Any]) -> dict[str, Any]:
    """Put weights into the actor's folder as safetensors; returns their component without the hash."""
    file = folder / f"{source.slot}.safetensors"
    if source.file.suffix != file.suffix:
        save_file(read_checkpoint(source.file), file)
    elif source.file.resolve() != file.resolve():
        shutil.copyfile(source.file, file)
    usual = old.get("kind", next(iter(KINDS[source.slot])))
    kind = source.kind or usual
    beside = (source.file.with_suffix(".yaml"), source.file.with_name("config.json"))
    config = next((load_yaml(path) for path in beside if path.is_file()), None)
    if config is None:
        config = old.get("config", {}) if kind == usual else {}
    return {"kind": kind, "file": file.name, "config": config}


def pack(folder: Path, sources: Iterable[Source]) -> dict[str, Any]:
    """Update an actor folder; returns the new content of its actor.yaml."""
    values = load_yaml(folder / ACTOR_FILE)
    old = values["components"] or {}
    parts = {**old, **{s.slot: take(folder, s, old.get(s.slot, {})) for s in sources}}
    values["components"] = {
        slot: {
            "kind": parts[slot]["kind"],
            "file": parts[slot]["file"],
            "sha256": sha256_file(folder / parts[slot]["file"]),
            "config": parts[slot]["config"],
        }
        for slot in SLOTS
        if slot in parts
    }
    return values


def named_file(text: str) -> Source:
    """Read a `SLOT=FILE` or `SLOT:KIND=FILE` argument."""
    name, _, file = text.partition("=")
    slot, _, kind = name.partition(":")
    if slot not in SLOTS or (kind and kind not in KINDS[slot]) or not Path(file).is_file():
        raise argparse.ArgumentTypeError(
            f"expected SLOT=FILE or SLOT:KIND=FILE with a slot of {', '.join(SLOTS)}, got {text!r}"
        )
    return Source(slot, kind or None, Path(file))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the actor's folder")
    parser.add_argument("weights", nargs="*", type=named_file, metavar="SLOT[:KIND]=FILE")
    options = parser.parse_args()
    values = pack(options.folder, options.weights)
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
    (options.folder / ACTOR_FILE).write_text(text, encoding="utf-8")
    for slot in SLOTS:
        if slot not in values["components"]:
            print(f"{slot:<15}missing")
            continue
        part = values["components"][slot]
        size = (options.folder / part["file"]).stat().st_size
        print(f"{slot:<15}{part['kind']:<15}{size / 1e6:7.2f} MB  {part['sha256'][:16]}")


if __name__ == "__main__":
    main()
