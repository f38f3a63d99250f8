"""Tokens -> Codes: speech and motion drawn together."""

from __future__ import annotations

from typing import Protocol

from avgen.stages.checks import check_array
from avgen.types import MEL_BINS, Codes, FloatArray, Tokens


class FlowSample(Protocol):
    """What a flow component returns: mel [N, 80], face [N, C], head_latent [N, 8]."""

    @property
    def mel(self) -> FloatArray:
        """[N, 80]."""

    @property
    def face(self) -> FloatArray:
        """[N, C]."""

    @property
    def head_latent(self) -> FloatArray:
        """[N, 8]."""


class FlowModel(Protocol):
    """What a flow component offers."""

    def sample(self, logits: FloatArray, seed: int, *, num_steps: int, temperature: float) -> FlowSample:
        """Draw one clip from its tokens [N, D]."""


class HeadDecoder(Protocol):
    """What a head_vae component offers."""

    def decode(self, latent: FloatArray) -> FloatArray:
        """Turn latents [N, 8] into poses [N, 7]."""


def sample(
    tokens: Tokens, flow: FlowModel, head_vae: HeadDecoder, *, seed: int, steps: int, temperature: float
) -> Codes:
    """Draw speech and motion jointly.

    Args:
        tokens: what is said and when.
        flow: joint audio-visual model.
        head_vae: decoder of its head latents.
        seed: of the starting noise.
        steps: Euler steps.
        temperature: scale of the starting noise.

    Raises:
        StageError: if a code has not one finite row per token.
    """
    drawn = flow.sample(tokens.logits, seed, num_steps=steps, temperature=temperature)
    head = head_vae.decode(drawn.head_latent)
    frames = len(tokens.logits)
    check_array("sample", "mel", drawn.mel, (frames, MEL_BINS))
    check_array("sample", "face", drawn.face, (frames, drawn.face.shape[-1]))
    check_array("sample", "head", head, (frames, 7))
    return Codes(drawn.mel, drawn.face, head)
