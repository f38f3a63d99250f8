"""Actors made of files that others released: what moves them, what they cost, what they cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from avgen.actors.actor import Actor
from avgen.actors.components import AVATAR, MOTION

CODEC_BODY: Final = "ca_body"
"""Kind of the avatars that are drawn by face codes and poses of a whole body."""
GUIDE: Final = "avgen/released/RELEASED.md"


def unmoved(actor: Actor) -> str:
    """Why nothing moves an actor, and what to do, in a sentence; nothing if something does."""
    body, head = actor.components[AVATAR], actor.components["head_vae"]
    if body.kind != CODEC_BODY or MOTION in actor.components or head.config.get("carriage"):
        return ""
    return (
        "nothing makes its body's pose: the generators were not among the files it was made of. Import it "
        "again with data_stats.pth, model000155000.pt, model000340000.pt, iter-0100000.pt and "
        f"net_iter300000.pth ({GUIDE}), or draw recorded poses from Python."
    )


def remarks(actor: Actor) -> Iterator[str]:
    """Yield what people should know of an actor that is made of released files, a sentence each."""
    if actor.components[AVATAR].kind == CODEC_BODY:
        yield f"its avatar is a released codec body, for non-commercial use ({actor.licence}): see {GUIDE}."
        yield "a picture takes one to three CPU seconds, or a GPU, and drawing about 3 GB of memory."
        yield "its face has no named parts: style, and exports and measures of the face, are not for it."
    if motion := actor.components.get(MOTION):
        yield (
            f"released generators move it to its speech in {motion.config.get('steps', 100)} steps each "
            "(components: motion: config: steps in its actor.yaml); the authors took 500."
        )
    if problem := unmoved(actor):
        yield problem
