"""Sizes of the generators, read from the shapes of their tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from torch import Tensor

from avgen.errors import ActorError
from avgen.generators.denoisers import Widths
from avgen.generators.lips import PIECE

HEADS: Final = {"face": 8, "pose": 8, "guide": 4}
"""Of attention, which no shape tells."""
TOKEN_RATE: Final = 100
"""Tokens of sound per second."""
_LOST: Final = 2
"""Tokens that convolutions lose at the ends of any sound."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of all networks."""

    face: Widths
    pose: Widths
    guide: Widths
    positions: int
    """That the lips' transformer has places for."""
    keyframes: int
    """Poses that are known at a time."""
    codes: int
    """Entries of a codebook."""
    code: int
    """Numbers of an entry."""
    convolutions: int
    """That prepare the guide's sound."""

    @property
    def seconds(self) -> int:
        """That all networks know at a time: 20 of the published ones."""
        known = min(network.tokens for network in (self.face, self.pose, self.guide))
        return min((known + _LOST) // TOKEN_RATE, self.keyframes)


def read_layout(tensors: Mapping[str, Tensor], file: Path) -> Layout:
    """Read the sizes.

    Args:
        tensors: by name.
        file: for messages.

    Raises:
        ActorError: naming a tensor that is missing, or has too few axes.
    """

    def side(name: str, axis: int) -> int:
        if name not in tensors or tensors[name].ndim <= axis:
            raise ActorError(f"{file}: {name} is missing, which the generators need.")
        return tensors[name].shape[axis]

    def widths(name: str) -> Widths:
        layers = {key.split(".")[3] for key in tensors if key.startswith(f"{name}.seqTransDecoder.stack.")}
        return Widths(
            width=side(f"{name}.null_cond_hidden", 1),
            hidden=side(f"{name}.seqTransDecoder.stack.0.linear1.weight", 0),
            layers=len(layers),
            heads=HEADS[name],
            audio=side(f"{name}.audio_model.feature_extractor.conv_layers.0.0.weight", 0),
            tokens=side(f"{name}.null_cond_embed", 1),
        )

    prepared = [key for key in tensors if key.startswith("guide.pre_audio.") and key.endswith(".weight")]
    layout = Layout(
        face=widths("face"),
        pose=widths("pose"),
        guide=widths("guide"),
        positions=side("face.lip_model.regression_model.cond_positional_encoding.pe", 0),
        keyframes=side("pose.null_pose_embed", 1),
        codes=side("codebooks.quantizer.layers.0._codebook.embed", 0),
        code=side("codebooks.quantizer.layers.0._codebook.embed", 1),
        convolutions=len(prepared),
    )
    if layout.seconds < 2 or layout.positions < PIECE:
        raise ActorError(f"{file}: its generators know less than two seconds at a time.")
    return layout
