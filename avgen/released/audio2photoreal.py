"""`avgen actors import audio2photoreal`: the released files of a person become an actor's folder.

Each file of the folder appears when it is whole, the description last: until then there is no actor, and the
same command goes on where it was stopped.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
import yaml
from torch import Tensor

from avgen.actors.actor import ACTOR_FILE, find_actor
from avgen.avatars.ca_body.avatar import CodecAvatar
from avgen.avatars.ca_body.sizes import Sizes
from avgen.documents import load_json, load_yaml
from avgen.errors import ActorError, InputError, OutputError
from avgen.files import part_file, publish, read_regular, sha256_file, write_whole
from avgen.generators.codebooks import POSE
from avgen.generators.denoisers import CHANNELS, FACE
from avgen.generators.motion import MotionConfig
from avgen.released.codec_body import body_items
from avgen.released.generators import (
    Shapes,
    Widths,
    codebook_shapes,
    face_shapes,
    generator_items,
    guide_shapes,
    pose_shapes,
)
from avgen.released.placing import frame_body
from avgen.released.reading import look_up, read_checkpoint, tensors_in
from avgen.released.writing import Item, write_items

AVATAR_FILE: Final = "avatar.safetensors"
STATS_FILE: Final = "motion_stats.safetensors"
MOTION_FILE: Final = "motion.safetensors"
RECORD_FILE: Final = "import.json"
VERSION: Final = 1
"""Raised when the same released files give other files."""
SIZES: Final = Sizes()
WIDTHS: Final = Widths()
SPEAKER: Final = "mira"
"""The actor whose speech an imported one has."""
_IDENTITY: Final = re.compile(r"[A-Z]{3}[0-9]{3}")
_SHARED: Final = ("language", "label_set", "speech_gain_db", "voice", "voices")
_STATS: Final = {
    **{
        f"{name}_{kind}": count
        for name, count in (("pose", POSE), ("code", FACE))
        for kind in ("mean", "std")
    },
    "audio_mean": CHANNELS,
    "audio_std_flat": 1,
}
"""Numbers of the means and deviations."""
_SPEECH: Final = ("text_to_tokens", "extractor", "flow", "head_vae", "vocoder")
"""What is another actor's."""
LICENCE: Final = "CC-BY-NC-4.0"


@dataclass(frozen=True, slots=True)
class Released:
    """A file that was released for a person.

    Attributes:
        name: of the file; `{id}` stands for the person.
        folders: it lies in, nearest last.
        use: the file that it becomes; nothing if it is not needed.
    """

    name: str
    folders: str
    use: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator(Released):
    """The checkpoint of a network that moves a person.

    Attributes:
        part: how the names of its tensors begin in the actor's file.
        shapes: names and shapes of its tensors.
        key: under which the checkpoint has them; nothing if they are the whole.
    """

    part: str
    shapes: Callable[[Mapping[str, Tensor], Widths], Shapes]
    key: str = ""


BODY: Final = Released("body_dec.ckpt", "{id}", AVATAR_FILE)
ASSETS: Final = Released("static_assets.pt", "{id}", AVATAR_FILE)
STATS: Final = Released("data_stats.pth", "{id}", STATS_FILE)
UNUSED: Final = (
    Released("config.yml", "{id}"),
    Released("sample_batch.pt", "{id}"),
    Released("render_defaults_{id}.pth", ""),
    Released("iter-0200000.pt", ""),
    Released("vq-wav2vec.pt", ""),
    Released("wav2vec_large.pt", ""),
)
"""The last three are networks that others have in their own checkpoints."""
GENERATORS: Final = (
    Generator("model000155000.pt", "diffusion/c1_face", MOTION_FILE, part="face", shapes=face_shapes),
    Generator("model000340000.pt", "diffusion/c1_pose", MOTION_FILE, part="pose", shapes=pose_shapes),
    Generator(
        "iter-0100000.pt",
        "guide/c1_pose/checkpoints",
        MOTION_FILE,
        part="guide",
        shapes=guide_shapes,
        key="model_state_dict",
    ),
    Generator(
        "net_iter300000.pth", "vq/c1_pose", MOTION_FILE, part="codebooks", shapes=codebook_shapes, key="net"
    ),
)
FILES: Final = (BODY, ASSETS, STATS, *UNUSED, *GENERATORS)
NEEDED: Final = (BODY, ASSETS)
"""Without which there is no actor."""
MOVING: Final = (STATS, *GENERATORS)
"""Without which sound does not move it."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one file.

    Attributes:
        state: converted, kept (from an earlier run), found (not needed), missing or unknown.
        file: path within what was given.
        note: what it became, or what is done without it.
    """

    state: str
    file: str
    note: str = ""


def import_actor(source: Path, identity: str, name: str, tell: Callable[[Line], None]) -> Path:
    """Make an actor of a person's released files.

    Args:
        source: folder that they lie in, however deep.
        identity: of the person, as in PXB184.
        name: of the actor.
        tell: told of every file as soon as its fate is known.

    Returns:
        The actor's folder.

    Raises:
        InputError: a name is none, or the folder is something else's.
        ActorError: a needed file is missing, or one does not hold what it should.
        OutputError: the folder cannot be written.
    """
    if not _IDENTITY.fullmatch(identity):
        raise InputError(f"--id: expected three letters and three digits, such as PXB184, got {identity!r}.")
    folder = _folder(name)
    found = find_files(source, identity, tell)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        body, assets = found[BODY], found[ASSETS]
        _convert(folder, AVATAR_FILE, (body, assets), partial(_body, body, assets), source, tell)
        if stats := found.get(STATS):
            _convert(folder, STATS_FILE, (stats,), partial(_stats, stats), source, tell)
        if all(one in found for one in MOVING):
            inputs = {one: found[one] for one in MOVING}
            _convert(
                folder,
                MOTION_FILE,
                tuple(inputs.values()),
                partial(motion_items, inputs, WIDTHS),
                source,
                tell,
            )
        values = _describe(folder, identity, name)
        write_whole(folder / ACTOR_FILE, yaml.safe_dump(values, sort_keys=False, width=100))
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}.") from None
    return folder


def find_files(source: Path, identity: str, tell: Callable[[Line], None]) -> dict[Released, Path]:
    """Find a person's released files, by the names that they were released under.

    Raises:
        InputError: the folder is none.
        ActorError: a needed file is missing, or there are several of a name.
    """
    if not source.is_dir():
        raise InputError(f"{source}: expected the folder with the released files.")
    there = sorted(path for path in source.rglob("*") if path.is_file())
    found: dict[Released, Path] = {}
    for one in FILES:
        tail = Path(one.folders.format(id=identity)) / one.name.format(id=identity)
        candidates = [path for path in there if path.parts[-len(tail.parts) :] == tail.parts]
        if len(candidates) > 1:
            listed = ", ".join(str(path.relative_to(source)) for path in candidates[:4])
            raise ActorError(f"{source}: there are several {tail}: {listed}. Name a folder with one of them.")
        if not candidates:
            note = "needed" if one in NEEDED else "needed to move to sound" if one in MOVING else ""
            tell(Line("missing", str(tail), note))
            continue
        found[one] = candidates[0]
        if not one.use:
            tell(Line("found", str(candidates[0].relative_to(source)), "not needed"))
    for path in there:
        if path.suffix in (".pt", ".pth", ".ckpt") and path not in found.values():
            tell(Line("unknown", str(path.relative_to(source)), "left alone"))
    if absent := [one.name for one in NEEDED if one not in found]:
        raise ActorError(
            f"{source}: {', '.join(absent)} of {identity}: missing. They lie in "
            f"checkpoints/ca_body/data/{identity} of the release."
        )
    return found


def _folder(name: str) -> Path:
    """Where the actor goes: among the user's own (`$AVGEN_HOME/actors`), or here."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", name):
        raise InputError(f"{name!r}: expected a name of small letters, digits and hyphens, at most 32.")
    home = os.environ.get("AVGEN_HOME")
    folder = Path(home) / "actors" / name if home else Path(name)
    if folder.exists() and any(folder.iterdir()) and not (folder / RECORD_FILE).is_file():
        raise InputError(f"{folder}: is there already, and was not imported. Choose another --name.")
    return folder


def _convert(
    folder: Path,
    file: str,
    inputs: tuple[Path, ...],
    make: Callable[[], Mapping[str, Item]],
    source: Path,
    tell: Callable[[Line], None],
) -> None:
    """Write one file of the actor's, unless it was made of these very inputs before."""
    record, target = _record(folder), folder / file
    made = {"version": VERSION, "inputs": {path.name: sha256_file(path) for path in inputs}}
    kept = target.is_file() and record.get(file) == {**made, "sha256": sha256_file(target)}
    if not kept:
        with part_file(folder, file) as part:
            write_items(part, make(), " and ".join(map(str, inputs)))
            record[file] = {**made, "sha256": sha256_file(part)}
            publish(part, target)
        write_whole(folder / RECORD_FILE, json.dumps(record, indent=1) + "\n")
    for path in inputs:
        tell(Line("kept" if kept else "converted", str(path.relative_to(source)), file))


def _record(folder: Path) -> dict[str, Any]:
    try:
        return load_json(read_regular(folder / RECORD_FILE, 1 << 20))
    except (OSError, ValueError):
        return {}


def _body(body: Path, assets: Path) -> dict[str, Item]:
    state = tensors_in(read_checkpoint(body), body, "model")
    return body_items(state, read_checkpoint(assets), SIZES, body)


def motion_items(inputs: Mapping[Released, Path], widths: Widths) -> dict[str, Item]:
    """All that moves a person to sound, as tensors of one file.

    Args:
        inputs: paths of MOVING.
        widths: of the networks.

    Raises:
        ActorError: naming what does not fit.
    """
    items = {f"stats.{name}": item for name, item in _stats(inputs[STATS]).items()}
    for one in GENERATORS:
        path = inputs[one]
        state = tensors_in(read_checkpoint(path), path, one.key)
        made = generator_items(state, one.shapes(state, widths), path)
        items |= {f"{one.part}.{name}": item for name, item in made.items()}
    return items


def _stats(path: Path) -> dict[str, Item]:
    """Mean and deviation of motion and sound, in which the generators work."""
    values, items = read_checkpoint(path), {}
    for name, count in _STATS.items():
        value = look_up(values, name)
        if value is None or value.numel() != count:
            got = "nothing" if value is None else f"the shape {list(value.shape)}"
            raise ActorError(f"{path}: {name}: expected {count} numbers, got {got}.")
        items[name] = Item((count,), torch.float32, lambda value=value: value)  # type: ignore[misc]
    return items


def _describe(folder: Path, identity: str, name: str) -> dict[str, Any]:
    """Description of the actor, as in its actor.yaml."""
    speaker = find_actor(SPEAKER)
    theirs = load_yaml(speaker.folder / ACTOR_FILE)
    borrowed = {slot: {"actor": speaker.name, "sha256": speaker.components[slot].sha256} for slot in _SPEECH}
    own = {"avatar": _own("ca_body", folder / AVATAR_FILE, asdict(SIZES))}
    if (folder / MOTION_FILE).is_file():
        own["motion"] = _own("audio2photoreal", folder / MOTION_FILE, asdict(MotionConfig()))
    return {
        "name": name,
        "title": identity,
        "description": f"The codec avatar of {identity}, imported from the release of Audio2Photoreal.",
        "licence": LICENCE,
        "consent": f"{identity} is a real person, whose captures Meta released under CC BY-NC 4.0. Do "
        "nothing with this likeness but what that licence and the person allow.",
        "credits": [
            f"Head and body: {identity} of Audio2Photoreal (Ng et al. 2024, Meta; CC-BY-NC-4.0)",
            f"Speech: that of the actor {SPEAKER}, with the credits that avgen actors info {SPEAKER} lists",
        ],
        "cameras": frame_body(_usual_vertices(folder)),
        **{key: theirs[key] for key in _SHARED},
        "components": {**borrowed, **own},
    }


def _own(kind: str, file: Path, config: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "file": file.name, "sha256": sha256_file(file), "config": config}


def _usual_vertices(folder: Path) -> torch.Tensor:
    """Vertices [V, 3], world metres, in the mean pose; in the template's where no mean is known."""
    from safetensors.torch import load_file

    network = CodecAvatar.load(asdict(SIZES), folder / AVATAR_FILE).network
    pose = torch.zeros(1, network.sizes.pose)
    if (folder / STATS_FILE).is_file():
        pose = load_file(folder / STATS_FILE)["pose_mean"][None]
    with torch.inference_mode():
        return network.to_world(network.lbs_fn(pose, torch.zeros(1, 1, 3))[0])
