"""The cast's avatars, with the faces that people.yaml describes now; colours, hair and code are kept.

For changes of how faces rest and move, which need no new captures.

    python -m scripts.cast.change_faces            # everybody's
    python -m scripts.cast.change_faces ken amara
"""

from __future__ import annotations

import argparse

from avgen.actors.packing import pack
from avgen.avatars.mesh.storage import read_tensors, write_tensors
from avgen.casting.shapes import load_shapes
from avgen.config import presets_folder
from scripts.cast.face import with_face
from scripts.cast.people import cast
from scripts.cast.thumbnails import write_thumbnail


def main() -> None:
    """Write the avatars, their hashes and thumbnails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="of people; everybody without")
    for name in parser.parse_args().names or cast():
        member, folder = cast()[name], presets_folder() / "actors" / name
        file = folder / "avatar.safetensors"
        tensors, names = read_tensors(file)
        changed = with_face(tensors, member.face.of(load_shapes()).head(member.person.shape))
        write_tensors(file, changed, names)
        pack(folder)
        write_thumbnail(folder)


if __name__ == "__main__":
    main()
