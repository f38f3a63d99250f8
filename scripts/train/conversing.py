"""Conversations as training data of the joint flow: what a listener hears and sees of the partner."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from avgen.avatars.mesh.codec import LidContact, LipContact, solve_contact
from avgen.flow.head_vae import HeadVAE
from avgen.partner import ARKIT_UNITS, partner_face
from avgen.types import FloatArray
from scripts.mira.contact import Contact
from scripts.mira.dataset import Passage, Passages, Split
from scripts.mira.performance.units import FACE_UNITS
from scripts.train.data import CodecStatistics, Example, Partner, example_of, frame_labels

TRACKED_GAIN: Final = 0.2
TRACKED_OFFSET: Final = 0.03
TRACKED_NOISE: Final = 0.01
TRACKED_TURN: Final = 0.08
TRACKED_GAPS: Final = 0.15
"""Of faces as a tracker sees them: logarithmic spread of gains, spread of offsets and noise of a weight, of
the posture of the head in radians, and share of crops in which the face is gone for a while."""


def load_conversations(
    folder: Path,
    voices: Sequence[str],
    split: Split,
    codec: CodecStatistics,
    head_vae: HeadVAE,
    contact: Contact,
) -> list[Example]:
    """The first side of every conversation of a split, with the second as the partner."""
    found = []
    for number, name in enumerate(voices):
        sides = list(Passages(folder / name, split))
        for own, other in zip(sides[::2], sides[1::2], strict=True):
            labels = torch.from_numpy(frame_labels(other.phones, len(other.mel))).to(torch.uint8)
            partner = Partner(labels, torch.from_numpy(seen_face(other, contact)).half())
            found.append(example_of(own, number, codec, head_vae, partner))
    return found


def seen_face(passage: Passage, contact: Contact) -> FloatArray:
    """What a tracker would see of a performance: [N, 55] as in `avgen.partner.Partner`."""
    lips = LipContact(contact.g0.astype(np.float32), contact.G.astype(np.float32), contact.margin)
    lids = LidContact(contact.lid_gap.astype(np.float32), contact.lid.astype(np.float32))
    weights = solve_contact(passage.channels.astype(np.float32), FACE_UNITS, lips, lids)
    return partner_face(FACE_UNITS, weights, passage.head.astype(np.float32))


def as_tracked(face: Tensor) -> Tensor:
    """Faces [B, N, 55] as trackers differ: of other gains, offsets and postures, noisy, gone for a while."""
    batch, frames, channels = face.shape
    if not channels:
        return face
    units, head = face[..., : len(ARKIT_UNITS)], face[..., len(ARKIT_UNITS) :]
    gain = (TRACKED_GAIN * torch.randn(batch, 1, units.shape[-1])).exp()
    offset = TRACKED_OFFSET * torch.randn(batch, 1, units.shape[-1])
    units = (units * gain + offset + TRACKED_NOISE * torch.randn_like(units)).clamp(0, 1)
    turn = (TRACKED_GAIN * torch.randn(batch, 1, 3)).exp()
    head = head * turn + TRACKED_TURN * torch.randn(batch, 1, 3)
    start = torch.randint(frames, (batch, 1))
    length = torch.randint(frames // 2, (batch, 1)) * (torch.rand(batch, 1) < TRACKED_GAPS)
    frame = torch.arange(frames)
    gone = (frame >= start) & (frame < start + length)
    return torch.cat([units, head], -1).masked_fill(gone[..., None], torch.nan)
