"""A dialogue becomes clips: one of each of its people, and the scenes in which they are together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from avgen.actors.actor import Actor
from avgen.errors import ActorError, InputError
from avgen.exports import kinds_of
from avgen.inputs.clips import LAYOUTS, Clip, Part, Scene
from avgen.inputs.dialogues import Dialogue, Role
from avgen.inputs.lexicons import Lexicons
from avgen.inputs.names import clip_id
from avgen.stages.sources import Member
from avgen.stages.spec import ClipSpec

SEAT_YAW: Final = 15.0
"""Degrees by which the outer people are seen from the side, so that they look at each other in a picture."""
PASSING_STEPS: Final = 4
"""Evaluations of the flow, at most, when people are drawn for the ears and eyes of the others alone."""


def parse_layouts(layouts: Sequence[str]) -> tuple[str, ...]:
    """Return the scenes that are wanted: none for `none`, and the first of LAYOUTS where nobody says.

    Raises:
        InputError: for an unknown layout, or `none` among others.
    """
    *scenes, none = LAYOUTS
    if wrong := [layout for layout in layouts if layout not in LAYOUTS]:
        raise InputError(f"layout: expected {', '.join(LAYOUTS)}, got {wrong[0]!r}.")
    if none in layouts and len(set(layouts)) > 1:
        raise InputError(f"layout: {none} goes with no other.")
    return tuple(dict.fromkeys(layout for layout in layouts or scenes[:1] if layout != none))


def people_and_scenes(
    plan: ClipSpec,
    layouts: Sequence[str],
    find: Callable[[str], Actor],
    lexicons_of: Callable[[Actor], Lexicons | None],
) -> Iterator[ClipSpec]:
    """Yield what to make of a dialogue: its people's clips, then its scenes.

    Args:
        plan: of the dialogue, as if it were one clip.
        layouts: of its scenes.
        find: gives an actor by name, its files checked.
        lexicons_of: gives those of an actor, and the user's.

    Raises:
        InputError: naming the line, for a role without an actor, an unknown voice or camera.
    """
    assert isinstance(plan.clip.source, Scene)
    dialogue, config = plan.clip.source.dialogue, plan.config
    if layouts and config.background.transparent:
        raise InputError("background: a scene cannot be transparent. Add --layout none.")
    members = [_member(role, dialogue, config.voice, find, lexicons_of) for role in dialogue.roles]
    alone: list[ClipSpec] = []
    for seat, (name, member) in enumerate(zip(dialogue.names, members, strict=True)):
        camera = config.camera or seat_camera(member.actor, seat, len(members))
        member.actor.view(camera)  # an unknown camera is refused here
        part = replace(
            plan,
            clip=Clip(f"{plan.clip.id}.{clip_id(name.lower())}", Part(dialogue, name)),
            actor=member.actor,
            config=config.override({"camera": camera, "voice": member.voice}),
            output=_beside(plan.output, clip_id(name.lower())),
            lexicons=member.lexicons,
            members=tuple(members),
        )
        alone.append(part)
    heard = [_in_passing(part) if part.actor.listens else part for part in alone]
    parts = [
        replace(part, others=tuple(heard[:number] + heard[number + 1 :])) if part.actor.listens else part
        for number, part in enumerate(alone)
    ]
    yield from parts
    for layout in layouts:
        yield replace(
            plan,
            clip=Clip(plan.clip.id, Scene(dialogue, layout)),
            actor=members[0].actor,
            output=_beside(plan.output, layout) if len(layouts) > 1 else plan.output,
            exports=kinds_of(True, plan.exports),
            parts=tuple(parts),
        )


def _in_passing(part: ClipSpec) -> ClipSpec:
    """A clip of which listeners are told before it is drawn: nobody sees that, so it may be rough."""
    return replace(part, config=replace(part.config, steps=min(part.config.steps, PASSING_STEPS)))


def seat_camera(actor: Actor, seat: int, seats: int) -> str:
    """Return the actor's first camera, moved so that whoever sits on the left looks to the right.

    Args:
        actor: who is seen.
        seat: from the left, from 0.
        seats: how many there are, at least 2.
    """
    view = actor.view()
    yaw = view.yaw - SEAT_YAW * (1 - 2 * seat / (seats - 1))
    return f"{yaw:.6g},{view.pitch:.6g},{view.distance:.6g},{view.field_of_view:.6g}"


def _member(
    role: Role,
    dialogue: Dialogue,
    voice: str,
    find: Callable[[str], Actor],
    lexicons_of: Callable[[Actor], Lexicons | None],
) -> Member:
    """Who plays a role; a voice that is asked for elsewhere speaks where the cast names none."""
    where = f"{dialogue.where} line {role.line}: {role.name}"
    try:
        actor = find(role.actor)
        actor.shares(role.voice or voice)
    except (ActorError, InputError) as error:
        raise InputError(
            f"{where}: {error} The cast says who plays whom, in the first lines: cast: {role.name} = mira"
        ) from None
    return Member(actor, role.voice or voice, lexicons_of(actor))


def _beside(output: Path, label: str) -> Path:
    """The path of another file of the same dialogue."""
    return output.with_name(f"{output.stem}.{label}{output.suffix}")
