"""Put trained weights into an actor folder and record what they are in its actor.yaml.

    python -m scripts.mira.pack_actor presets/actors/mira flow=runs/flow/flow.safetensors

copies the file and takes its configuration from `flow.yaml` beside it, if there is one; otherwise the
component keeps the configuration it has. Without such arguments the files that are there are hashed again.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import yaml

from avgen.avatars.actor import ACTOR_FILE, SLOTS
from avgen.components import KINDS
from avgen.config import load_yaml
from avgen.files import sha256_file


def take(folder: Path, slot: str, source: Path, part: dict[str, Any]) -> dict[str, Any]:
    """Copy weights into the actor's folder; returns their component without the hash."""
    file = folder / f"{slot}.safetensors"
    if source.resolve() != file.resolve():
        shutil.copyfile(source, file)
    config = source.with_suffix(".yaml")
    return {
        "kind": part.get("kind", next(iter(KINDS[slot]))),
        "file": file.name,
        "config": load_yaml(config) if config.is_file() else part.get("config", {}),
    }


def pack(folder: Path, sources: dict[str, Path]) -> dict[str, Any]:
    """Update an actor folder; returns the new content of its actor.yaml."""
    values = load_yaml(folder / ACTOR_FILE)
    old = values["components"] or {}
    parts = {**old, **{slot: take(folder, slot, file, old.get(slot, {})) for slot, file in sources.items()}}
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


def named_file(text: str) -> tuple[str, Path]:
    """Read a `SLOT=FILE` argument."""
    slot, _, file = text.partition("=")
    if slot not in SLOTS or not Path(file).is_file():
        raise argparse.ArgumentTypeError(
            f"expected SLOT=FILE with a slot of {', '.join(SLOTS)}, got {text!r}"
        )
    return slot, Path(file)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the actor's folder")
    parser.add_argument("weights", nargs="*", type=named_file, metavar="SLOT=FILE")
    options = parser.parse_args()
    values = pack(options.folder, dict(options.weights))
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
