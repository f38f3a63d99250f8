"""Put Mira's trained components into her actor folder and record their SHA-256 in actor.yaml.

A training script leaves `<slot>_component.yaml` (kind, file, config) in its work folder, beside the weights
it names. With --work those are copied in; without, the files that are there already are hashed again.

    python -m scripts.mira.pack_actor presets/actors/mira --work "$MIRA_WORK"
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import yaml

from avgen.avatars.actor import ACTOR_FILE, SLOTS
from avgen.config import load_yaml
from avgen.files import sha256_file


def pack(folder: Path, work: Path | None) -> dict[str, Any]:
    """Update an actor folder; returns the new content of its actor.yaml."""
    values = load_yaml(folder / ACTOR_FILE)
    components = values["components"] or {}
    for slot in SLOTS:
        block = work / f"{slot}_component.yaml" if work else None
        if block is not None and block.is_file():
            components[slot] = load_yaml(block)
            file = work / components[slot]["file"] if work else folder
            shutil.copyfile(file, folder / file.name)
            components[slot]["file"] = file.name
        if slot in components:
            components[slot]["sha256"] = sha256_file(folder / components[slot]["file"])
    values["components"] = {
        slot: {key: components[slot][key] for key in ("kind", "file", "sha256", "config")}
        for slot in SLOTS
        if slot in components
    }
    return values


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the actor's folder")
    parser.add_argument("--work", type=Path, help="where the training scripts left their results")
    options = parser.parse_args()
    values = pack(options.folder, options.work)
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
    (options.folder / ACTOR_FILE).write_text(text, encoding="utf-8")
    missing = [slot for slot in SLOTS if slot not in values["components"]]
    for slot, part in values["components"].items():
        size = (options.folder / part["file"]).stat().st_size
        print(f"{slot:<15}{part['kind']:<15}{size / 1e6:7.2f} MB  {part['sha256'][:16]}")
    if missing:
        print(f"still missing: {', '.join(missing)}")


if __name__ == "__main__":
    main()
