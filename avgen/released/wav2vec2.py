"""torchaudio's published wav2vec 2.0 becomes the extractor of an actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from avgen.actors.actor import DOWNLOADS, find_actor
from avgen.errors import ActorError, InputError, OutputError
from avgen.files import part_file, publish, sha256_file
from avgen.released.reading import read_checkpoint, tensors_in
from avgen.released.writing import Item, write_items
from avgen.speech.wav2vec2 import Wav2Vec2Config, Wav2Vec2Extractor

KIND: Final = "wav2vec2"
_RENAMED: Final = {
    f"encoder.transformer.pos_conv_embed.conv.weight_{old}": (
        f"encoder.transformer.pos_conv_embed.conv.parametrizations.weight.original{new}"
    )
    for new, old in enumerate("gv")
}
"""What the file calls the parts of the normalised weight, as torch did when it was published."""
_PUBLISHED_OUTPUTS: Final = 32
_UNUSED_OUTPUTS: Final = (1, 2, 3)
"""Begin, padding and end of a sentence, which fairseq's dictionaries have and nobody hears."""


def convert(source: Path, target: Path, sizes: Wav2Vec2Config | None = None) -> Wav2Vec2Config:
    """Write the published weights as safetensors, the same bytes every time.

    Args:
        source: the file that torchaudio publishes.
        target: to write.
        sizes: of the model.

    Returns:
        The configuration of the extractor, which names the file that it is from.

    Raises:
        InputError: the file is not there; it says where it is to be had.
        ActorError: it does not hold what it should.
        OutputError: the target cannot be written.
    """
    if not source.is_file():
        raise InputError(f"{source}: there is no such file. Fetch {DOWNLOADS[KIND]}.")
    sizes = sizes or Wav2Vec2Config()
    items = _items(tensors_in(read_checkpoint(source), source), sizes, source)
    try:
        with part_file(target.parent, target.name) as part:
            write_items(part, items, str(source))
            publish(part, target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror}.") from None
    return replace(sizes, source_sha256=sha256_file(source))


def restore(source: Path, name: str) -> Path:
    """Give an actor the extractor that its description names, of the published file that it was made of.

    Returns:
        The file that was written.

    Raises:
        InputError: the actor has no such extractor, or the file is another.
        ActorError: there is no such actor, or the file does not hold what it should.
        OutputError: the actor's folder cannot be written.
    """
    actor = find_actor(name)
    part = actor.components.get("extractor")
    if part is None or part.kind != KIND:
        kind = "no extractor" if part is None else f"an extractor of kind {part.kind}"
        raise InputError(f"actor {actor.name}: expected an extractor of kind {KIND}, it has {kind}.")
    sizes = Wav2Vec2Config(**part.config)
    if source.is_file() and sha256_file(source) != sizes.source_sha256:
        raise InputError(
            f"{source}: expected the file that actor {actor.name} was trained with, whose SHA-256 begins "
            f"with {sizes.source_sha256[:12]}. Fetch {DOWNLOADS[KIND]}."
        )
    convert(source, part.file, sizes)
    return part.file


def _items(state: Mapping[str, Tensor], sizes: Wav2Vec2Config, source: Path) -> dict[str, Item]:
    """Tensors of the extractor's file.

    Raises:
        ActorError: naming a tensor that is missing, unknown, or of another shape.
    """
    state = {_RENAMED.get(name, name): value for name, value in state.items()}
    for name in ("aux.weight", "aux.bias"):
        if name in state and len(state[name]) == _PUBLISHED_OUTPUTS:
            used = [row for row in range(_PUBLISHED_OUTPUTS) if row not in _UNUSED_OUTPUTS]
            state[name] = state[name][used]
    fresh = Wav2Vec2Extractor(sizes).model.state_dict()
    wanted = {name: list(value.shape) for name, value in fresh.items()}
    for name in {**wanted, **state}:
        got = list(state[name].shape) if name in state else "no such tensor"
        if got != wanted.get(name):
            raise ActorError(f"{source}: {name}: expected {wanted.get(name, 'no such tensor')}, got {got}.")
    return {
        f"model.{name}": Item(tuple(value.shape), torch.float32, lambda value=value: value)  # type: ignore[misc]
        for name, value in state.items()
    }
