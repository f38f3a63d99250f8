"""Put trained weights into an actor folder and record what they are in its actor.yaml.

    python -m scripts.mira.pack_actor presets/actors/mira flow=runs/flow/flow.safetensors
    python -m scripts.mira.pack_actor my_actor vocoder:bigvgan=downloads/bigvgan_generator.pt

copies the file (BigVGAN's .pt becomes safetensors) and takes its configuration from `flow.yaml` or
`config.json` beside it, if there is one; otherwise a component that stays of its kind keeps the configuration
it has. Without such arguments the files that are there are hashed again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from avgen.actors.actor import SLOTS
from avgen.actors.packing import Weights, pack
from avgen.errors import AvgenError


def main() -> None:
    """Pack, and print what the actor is made of now."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the actor's folder")
    parser.add_argument("weights", nargs="*", metavar="SLOT[:KIND]=FILE")
    options = parser.parse_args()
    try:
        parts = pack(options.folder, [Weights.parse(text) for text in options.weights])
    except AvgenError as error:
        parser.error(str(error))
    for slot in SLOTS:
        if slot not in parts:
            print(f"{slot:<18}missing")
            continue
        part = parts[slot]
        if "actor" in part:
            print(f"{slot:<18}{part['actor']}'s         {part['sha256'][:16]}")
            continue
        size = (options.folder / part["file"]).stat().st_size
        print(f"{slot:<18}{part['kind']:<15}{size / 1e6:7.2f} MB  {part['sha256'][:16]}")


if __name__ == "__main__":
    main()
