"""What a joint flow is told, what it makes, and how large it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, Final

from avgen.flow.dit import DiTConfig, Window
from avgen.flow.noise import Noise
from avgen.tracks import KINDS, Kind

MEL: Final = "mel"
"""The track of the audio transformer; the visual one makes all others."""
FACE: Final = "face"
"""The track whose gaze is held while the head turns."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A stream that a flow may be told."""

    channels: int
    flag: bool = True
    """One more column says that it is present; token probabilities need none, because they sum to one."""

    @property
    def columns(self) -> int:
        """Columns that it takes among the conditions."""
        return self.channels + self.flag


@dataclass(frozen=True, slots=True)
class AVFlowConfig:
    """Streams and sizes of the joint model; the transformer defaults are the paper's."""

    conditions: Mapping[str, Condition]
    """What it is told, by name, in the order of the columns."""
    tracks: Mapping[str, int]
    """Channels of what it makes, by name, in the order of the state; `mel` comes first."""
    noise: Mapping[str, Noise] = field(default_factory=dict)
    """Of tracks that are not generated from white noise."""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """How tracks lie between frames, of those that are not linear."""
    scaled: tuple[str, ...] = ()
    """Tracks that are standardised inside, besides the mel: the weights hold their mean and spread."""
    audio: DiTConfig = field(default_factory=DiTConfig)
    visual: DiTConfig = field(default_factory=DiTConfig)
    highways: bool = True

    def __post_init__(self) -> None:
        if self.audio.num_blocks != self.visual.num_blocks:
            raise ValueError("audio and visual transformers need the same number of blocks for highways")
        if next(iter(self.tracks), None) != MEL or FACE not in self.tracks:
            raise ValueError(f"tracks must begin with mel and include face, got {', '.join(self.tracks)}")
        for what, names in (("noise", self.noise), ("a kind", self.kinds), ("a scale", self.scaled)):
            if strange := sorted(set(names) - set(self.tracks)):
                raise ValueError(f"{what} is described of {strange[0]!r}, which is no track")
        if strange := sorted(set(self.kinds.values()) - set(KINDS)):
            raise ValueError(f"{strange[0]!r} is no kind of track; kinds are {', '.join(KINDS)}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> AVFlowConfig:
        """Build from plain nested mappings, as stored in actor.yaml."""

        def dit(part: Mapping[str, Any]) -> DiTConfig:
            return DiTConfig(**{**part, "window": Window(**part["window"])})

        conditions = {name: Condition(**part) for name, part in values["conditions"].items()}
        noise = {name: Noise(**part) for name, part in values.get("noise", {}).items()}
        parts = {"audio": dit(values["audio"]), "visual": dit(values["visual"])}
        scaled = tuple(values.get("scaled", ()))
        return cls(**{**values, **parts, "conditions": conditions, "noise": noise, "scaled": scaled})

    @property
    def condition_columns(self) -> dict[str, slice]:
        """Where each condition stands among the columns of all."""
        return spans({name: condition.columns for name, condition in self.conditions.items()})

    @property
    def num_conditions(self) -> int:
        """Columns of all conditions, flags included."""
        return sum(condition.columns for condition in self.conditions.values())

    @property
    def track_columns(self) -> dict[str, slice]:
        """Where each track stands in the state."""
        return spans(self.tracks)

    @property
    def num_channels(self) -> int:
        """Channels of the state: those of all tracks."""
        return sum(self.tracks.values())

    @property
    def halo(self) -> tuple[int, int]:
        """Frames (before, after) on which one output frame depends."""
        before, after = zip(self.audio.halo, self.visual.halo, strict=True)
        if not self.highways:
            return max(before), max(after)
        past = max(self.audio.window.past, self.visual.window.past)
        future = max(self.audio.window.future, self.visual.window.future)
        conv = max(self.audio.conv_kernel, self.visual.conv_kernel) // 2
        blocks = self.audio.num_blocks
        return blocks * (past + conv) + conv, blocks * (future + conv) + conv


def spans(sizes: Mapping[str, int]) -> dict[str, slice]:
    """Columns of each of several streams that stand side by side."""
    edges = pairwise(accumulate(sizes.values(), initial=0))
    return {name: slice(*edge) for name, edge in zip(sizes, edges, strict=True)}
