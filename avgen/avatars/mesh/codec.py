"""Face codes <-> face-unit weights, with contact of lips and lids solved exactly.

A *channel* vector equals the 53 unit weights except where surfaces touch: `mouthClose` is the fraction of a
full lip closure and `eyeBlinkLeft/Right` the fraction of a full lid closure. A *face code* holds the channels
that vary in speech, standardised. Everything here is linear or closed-form in numpy, vectorised over frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avgen.types import FloatArray

MOUTH_CLOSE = "mouthClose"
BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")
MAX_BLINK = 1.1
"""Largest channel of a blink: lids press on each other."""
OPENING = 0.25
"""Seconds from a clip's start or end in which lids may not yet, or no more, be shut."""
MAX_CLOSURE = 1.6
"""Largest unit weight a closure may ask for."""
LEAST_CLOSURE = 1e-3
"""Unit weight of a full closure below which there is nothing to close."""


@dataclass(frozen=True, slots=True)
class LipContact:
    """Lip distances, affine in the unit weights w: gap = gap_rest + gap_per_unit w (J stations, U units).

    Attributes:
        gap_rest: [J] metres.
        gap_per_unit: [J, U] metres per unit.
        margin: overlap in metres of a full closure at its widest station.
    """

    gap_rest: FloatArray
    gap_per_unit: FloatArray
    margin: float

    def gaps(self, weights: FloatArray) -> FloatArray:
        """Gap [..., J] in metres of unit weights [..., U]; negative where the lips overlap."""
        gaps: FloatArray = self.gap_rest + weights @ self.gap_per_unit.T
        return gaps

    def closure(self, weights: FloatArray, close: int) -> FloatArray:
        """Weight [...] of unit `close` that just seals the lips, given weights that leave it at zero."""
        reach = np.maximum(-self.gap_per_unit[:, close], 1e-6)
        needed = ((self.gaps(weights) + self.margin) / reach).max(-1)
        closure: FloatArray = np.clip(needed, 0, MAX_CLOSURE).astype(np.float32)
        return closure


@dataclass(frozen=True, slots=True)
class LidContact:
    """Opening between the lids, affine in the unit weights.

    Attributes:
        gap_rest: [2] metres, left and right.
        gap_per_unit: [2, U] metres per unit.
    """

    gap_rest: FloatArray
    gap_per_unit: FloatArray

    def closure(self, weights: FloatArray, blink: int, side: int) -> FloatArray:
        """Weight [...] of unit `blink` that just closes an eye, given weights that leave it at zero."""
        gap = self.gap_rest[side] + weights @ self.gap_per_unit[side]
        needed = gap / max(-float(self.gap_per_unit[side, blink]), 1e-6)
        closure: FloatArray = np.clip(needed, 0, MAX_CLOSURE).astype(np.float32)
        return closure


def solve_contact(
    channels: FloatArray, units: tuple[str, ...], lips: LipContact, lids: LidContact
) -> FloatArray:
    """Unit weights [..., U] of channels [..., U]."""
    weights = np.array(channels, np.float32)
    close = units.index(MOUTH_CLOSE)
    weights[..., close] = 0
    weights[..., close] = channels[..., close] * lips.closure(weights, close)
    for side, name in enumerate(BLINKS):
        blink = units.index(name)
        weights[..., blink] = 0
        weights[..., blink] = channels[..., blink] * lids.closure(weights, blink, side)
    return weights


def find_channels(
    weights: FloatArray, units: tuple[str, ...], lips: LipContact, lids: LidContact
) -> FloatArray:
    """Channels [..., U] of unit weights [..., U]: the inverse of `solve_contact`.

    A closure that could not show (the surfaces touch without it) counts as none.
    """
    channels = np.array(weights, np.float32)
    open_face = np.array(weights, np.float32)
    places = [units.index(name) for name in (MOUTH_CLOSE, *BLINKS)]
    open_face[..., places] = 0
    full = [lips.closure(open_face, places[0])]
    full += [lids.closure(open_face, blink, side) for side, blink in enumerate(places[1:])]
    for place, closure in zip(places, full, strict=True):
        shows = closure > LEAST_CLOSURE
        share = weights[..., place] / np.where(shows, closure, 1)
        channels[..., place] = np.where(shows, share, 0)
    return channels


@dataclass(frozen=True, slots=True)
class FaceCodec:
    """The actor's face code.

    Attributes:
        units: names of the U face units.
        active: [C] indices of the channels a code holds.
        mean: [U] channel means; inactive channels stay there.
        scale: [C] standard deviations of the active channels.
        lips: lip contact.
        lids: lid contact.
    """

    units: tuple[str, ...]
    active: NDArray[np.int64]
    mean: FloatArray
    scale: FloatArray
    lips: LipContact
    lids: LidContact

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]], units: tuple[str, ...]) -> FaceCodec:
        """Codec from the `codec.*` and `contact.*` tensors of an avatar file.

        Args:
            tensors: `codec.mean`, `codec.scale`, `codec.active` [U]; `contact.lip_gap` [J], `contact.lip`
                [J, U], `contact.lid_gap` [2], `contact.lid` [2, U], `contact.margin` [1], lengths in metres.
            units: names of the U units.
        """

        def value(name: str) -> FloatArray:
            return np.asarray(tensors[name], np.float32)

        active = np.flatnonzero(np.asarray(tensors["codec.active"]))
        lips = LipContact(value("contact.lip_gap"), value("contact.lip"), float(value("contact.margin")[0]))
        lids = LidContact(value("contact.lid_gap"), value("contact.lid"))
        return cls(units, active, value("codec.mean"), value("codec.scale")[active], lips, lids)

    @property
    def size(self) -> int:
        """Number C of values in a code."""
        return len(self.active)

    def unit(self, name: str) -> int:
        """Index of a face unit."""
        return self.units.index(name)

    def encode(self, channels: FloatArray) -> FloatArray:
        """Codes [..., C] of channels [..., U]."""
        codes: FloatArray = (channels[..., self.active] - self.mean[self.active]) / self.scale
        return codes.astype(np.float32)

    def encode_weights(self, weights: FloatArray) -> FloatArray:
        """Codes [..., C] of face-unit weights [..., U], whose 52 ARKit units come from any tracker.

        Units that no performance moves are not part of a code: they decode to their mean.
        """
        return self.encode(find_channels(weights, self.units, self.lips, self.lids))

    def channels(self, codes: FloatArray) -> FloatArray:
        """Channels [..., U] of codes [..., C]."""
        out = np.broadcast_to(self.mean, (*codes.shape[:-1], len(self.units))).astype(np.float32)
        out[..., self.active] += codes * self.scale
        return out

    def unit_weights(self, codes: FloatArray) -> FloatArray:
        """Face-unit weights [..., U] of codes [..., C], contact solved, inside [0, 1.6].

        Channels are first clipped to their meaning: weights and closures are never negative.
        """
        channels = np.clip(self.channels(codes), 0, 1)
        for name in BLINKS:
            index = self.unit(name)
            channels[..., index] = np.clip(self.channels(codes)[..., index], 0, MAX_BLINK)
        return solve_contact(channels, self.units, self.lips, self.lids)

    def open_eyes(self, codes: FloatArray, seconds: NDArray[np.float64]) -> FloatArray:
        """Return codes [N, C] without blinks that its start or end would cut off.

        Players show a clip's first picture until it is played, and editors cut at its last.

        Args:
            codes: of a clip.
            seconds: [N] from each to the nearer end of the clip.
        """
        limits = MAX_BLINK * np.minimum(seconds / OPENING, 1)
        opened: FloatArray = codes.copy()
        for k, unit in enumerate(self.active):
            if self.units[unit] in BLINKS:
                opened[:, k] = np.minimum(codes[:, k], (limits - self.mean[unit]) / self.scale[k])
        return opened

    def lip_gaps(self, codes: FloatArray) -> FloatArray:
        """Lip distance [..., J] in metres at every station; negative where the lips overlap."""
        return self.lips.gaps(self.unit_weights(codes))

    def lip_gap(self, codes: FloatArray) -> FloatArray:
        """Opening [...] in metres of the mouth: the widest station, zero when sealed."""
        opening: FloatArray = np.maximum(self.lip_gaps(codes).max(-1), 0)
        return opening
