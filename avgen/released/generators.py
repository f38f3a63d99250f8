"""Names and shapes of the released networks that move a person, as their checkpoints have them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from avgen.errors import ActorError
from avgen.released.writing import Item

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Widths:
    """What the shapes follow from; the defaults are the published ones."""

    audio: int = 512
    """Of the features of one channel of sound."""
    face: int = 512
    pose: int = 256
    guide: int = 64
    """Of the transformers."""
    hidden: int = 1024
    """Of their feed-forward layers."""
    codes: int = 1024
    """Entries of a codebook."""
    code: int = 64
    """Numbers of an entry."""
    tokens: int = 1998
    """Of sound that are known at a time."""
    keyframes: int = 20
    """Poses that are known at a time."""
    positions: int = 1024
    """Of the lips' transformer."""


FACE: Final = 256
POSE: Final = 104
LIPS: Final = 3 * 338
"""Numbers of a face code, of a pose, and coordinates of the lips' points."""
_KERNELS: Final = (10, 8, 4, 4, 4, 1, 1, 1)
"""Of the sound's feature extractor; the one for lips lacks the last."""
_AGGREGATOR: Final = range(2, 14)
_NEVER_USED: Final = re.compile(
    r"^rotary\.|resampler\.kernel$|audio_model\.(vector_quantizer|feature_aggregator)\.|wav2vec_predictions\.|"
    r"_codebook\.(inited|cluster_size|embed_avg)$"
)
"""Parts that only their training needs, copies, and filters for one rate of sound."""


def generator_items(state: Mapping[str, Tensor], wanted: Shapes, path: Path) -> dict[str, Item]:
    """Tensors of a generator's file, those left out that only training needs.

    Args:
        state: the checkpoint's tensors.
        wanted: the names and shapes that they must have.
        path: of the checkpoint, for messages.

    Raises:
        ActorError: naming a tensor that is missing, unknown, or of another shape.
    """
    for name in {**wanted, **state}:
        got = list(state[name].shape) if name in state else "no such tensor"
        expected = list(wanted[name]) if name in wanted else "no such tensor"
        if got != expected:
            raise ActorError(f"{path}: {name}: expected {expected}, got {got}.")
    kept = [name for name in wanted if not _NEVER_USED.search(name)]
    return {
        name: Item(wanted[name], torch.float32, lambda name=name: state[name])  # type: ignore[misc]
        for name in kept
    }


def face_shapes(state: Mapping[str, Tensor], w: Widths) -> Shapes:
    """Of the diffusion model of face codes, with what it hears lips by."""
    lips = {f"lip_model.{name}": shape for name, shape in lip_shapes(state, w).items()}
    inputs = 2 * w.audio + LIPS
    return {**_diffusion(w.face, 8, FACE, inputs, w), **lips, **_encoder_layers(w.face, 2, w)}


def pose_shapes(state: Mapping[str, Tensor], w: Widths) -> Shapes:
    """Of the diffusion model of poses, which is told one a second."""
    widths = (POSE, w.pose, POSE, POSE, POSE, POSE, POSE)
    shapes = _diffusion(w.pose, 6, POSE, 2 * w.audio, w)
    shapes |= {"null_pose_embed": (1, w.keyframes, w.pose)}
    shapes |= _linear("frame_cond_projection", w.pose, POSE) | _norm("frame_norm_cond", w.pose)
    for k in range(6):
        shapes |= _conv(f"post_pose_layers.{k}", widths[k + 1], widths[k], 3)
        at = f"seqTransDecoder.stack.{k}"
        shapes |= _attention(f"{at}.multihead_attn2", w.pose) | _norm(f"{at}.norm2a", w.pose)
        shapes |= _linear(f"{at}.film2a.block.1", 2 * w.pose, w.pose)
    return shapes | _conv("final_conv", POSE, POSE, 1)


def guide_shapes(state: Mapping[str, Tensor], w: Widths) -> Shapes:
    """Of the transformer that draws the poses of every second; how deeply it hears, its checkpoint tells."""
    convolutions = sum(name.startswith("pre_audio.") and name.endswith(".weight") for name in state)
    shapes = _conditioned(w.guide, 2 * w.audio, w)
    shapes |= {"token_embedding.weight": (w.codes + 1, w.guide)}
    for k in range(convolutions):
        size = 3 if k < convolutions - 1 else 1
        shapes |= _conv(f"pre_audio.{3 * k}", 2 * w.audio, 2 * w.audio, size)
    for k in range(6):
        shapes |= _decoder_layer(f"seqTransDecoder.stack.{k}", w.guide, w)
    return shapes | _linear("final_layer", w.codes, w.guide)


def codebook_shapes(state: Mapping[str, Tensor], w: Widths) -> Shapes:
    """Of the codec of poses: causal convolutions about a residual vector quantiser."""
    shapes = _conv("encoder.enc.0", w.code, POSE, 1) | _conv("decoder.dec.8", POSE, w.code, 1)
    for k in range(4):
        shapes |= _conv(f"encoder.enc.{2 * k + 2}", w.code, w.code, 2)
        shapes |= _conv(f"decoder.dec.{2 * k}", w.code, w.code, 2)
        at = f"quantizer.layers.{k}._codebook"
        shapes |= {f"{at}.inited": (1,), f"{at}.cluster_size": (w.codes,)}
        shapes |= {f"{at}.{name}": (w.codes, w.code) for name in ("embed", "embed_avg")}
    return shapes | _linear("decoder.project_mean_shape", w.code, POSE)


def lip_shapes(state: Mapping[str, Tensor], w: Widths) -> Shapes:
    """Of the transformer that hears where the points of the lips are."""
    shapes: Shapes = {"audio_encoder.resampler.kernel": (1, 1, 41)}
    shapes |= _wav2vec("audio_encoder.wav2vec_model", w.audio, _KERNELS[:-1])
    for name in ("cond", "target"):
        shapes[f"regression_model.{name}_positional_encoding.pe"] = (w.positions, w.audio)
    for kind, layers in (("encoder", 2), ("decoder", 4)):
        for k in range(layers):
            at = f"regression_model.transformer_{kind}.{k}"
            shapes |= _attention(f"{at}.self_attn.self_attn", w.audio)
            shapes |= _linear(f"{at}.feedforward.ff.0", w.hidden, w.audio)
            shapes |= _linear(f"{at}.feedforward.ff.3", w.audio, w.hidden)
            shapes |= _norm(f"{at}.norm1", w.audio) | _norm(f"{at}.norm2", w.audio)
            if kind == "decoder":
                shapes |= _attention(f"{at}.cross_attn.cross_attn", w.audio) | _norm(f"{at}.norm3", w.audio)
    return shapes | _linear("project_output", LIPS, w.audio)


def _diffusion(width: int, layers: int, features: int, inputs: int, w: Widths) -> Shapes:
    shapes = _conditioned(width, inputs, w)
    shapes |= _linear("time_mlp.1", 4 * width, width) | _linear("to_time_cond.0", width, 4 * width)
    shapes |= _linear("to_time_tokens.0", 2 * width, 4 * width)
    shapes |= _linear("input_projection", width, features) | _linear("final_layer", features, width)
    for k in range(layers):
        shapes |= _decoder_layer(f"seqTransDecoder.stack.{k}", width, w)
    return shapes


def _conditioned(width: int, inputs: int, w: Widths) -> Shapes:
    """What all three transformers have: their condition, and the sound that it is made of."""
    shapes: Shapes = {
        "null_cond_embed": (1, w.tokens, width),
        "null_cond_hidden": (1, width),
        "rotary.freqs": (width // 2,),
        "audio_resampler.kernel": (1, 1, 41),
        "audio_model.vector_quantizer.vars": (1, 320, w.audio // 2),
    }
    shapes |= _wav2vec("audio_model", w.audio, _KERNELS)
    shapes |= _linear("audio_model.vector_quantizer.weight_proj.0.0", 2 * w.audio, w.audio)
    shapes |= _linear("audio_model.vector_quantizer.weight_proj.1", 640, 2 * w.audio)
    shapes |= _linear("cond_projection", width, inputs) | _norm("norm_cond", width)
    shapes |= _norm("non_attn_cond_projection.0", width)
    for k in (1, 3):
        shapes |= _linear(f"non_attn_cond_projection.{k}", width, width)
    return shapes


def _wav2vec(at: str, width: int, kernels: tuple[int, ...]) -> Shapes:
    shapes: Shapes = {}
    for k, size in enumerate(kernels):
        shapes[f"{at}.feature_extractor.conv_layers.{k}.0.weight"] = (width, width if k else 1, size)
        shapes |= _norm(f"{at}.feature_extractor.conv_layers.{k}.2", width)
    for k, size in enumerate(_AGGREGATOR):
        shapes |= _conv(f"{at}.feature_aggregator.conv_layers.{k}.1", width, width, size)
        shapes |= _norm(f"{at}.feature_aggregator.conv_layers.{k}.3", width)
    at = f"{at}.wav2vec_predictions.project_to_steps"
    return shapes | {f"{at}.weight": (width, width, 1, 12), f"{at}.bias": (width,)}


def _encoder_layers(width: int, layers: int, w: Widths) -> Shapes:
    shapes: Shapes = {}
    for k in range(layers):
        at = f"cond_encoder.{k}"
        shapes |= _attention(f"{at}.self_attn", width) | _feed_forward(at, width, w)
        shapes |= _norm(f"{at}.norm1", width) | _norm(f"{at}.norm2", width)
    return shapes


def _decoder_layer(at: str, width: int, w: Widths) -> Shapes:
    shapes = _attention(f"{at}.self_attn", width) | _attention(f"{at}.multihead_attn", width)
    shapes |= _feed_forward(at, width, w)
    for k in (1, 2, 3):
        shapes |= _norm(f"{at}.norm{k}", width) | _linear(f"{at}.film{k}.block.1", 2 * width, width)
    return shapes


def _feed_forward(at: str, width: int, w: Widths) -> Shapes:
    shapes = _linear(f"{at}.linear1", w.hidden, width) | _linear(f"{at}.linear2", width, w.hidden)
    return shapes | {f"{at}.rotary.freqs": (width // 2,)}


def _attention(at: str, width: int) -> Shapes:
    shapes: Shapes = {f"{at}.in_proj_weight": (3 * width, width), f"{at}.in_proj_bias": (3 * width,)}
    return shapes | _linear(f"{at}.out_proj", width, width)


def _linear(at: str, outputs: int, inputs: int) -> Shapes:
    return {f"{at}.weight": (outputs, inputs), f"{at}.bias": (outputs,)}


def _conv(at: str, outputs: int, inputs: int, kernel: int) -> Shapes:
    return {f"{at}.weight": (outputs, inputs, kernel), f"{at}.bias": (outputs,)}


def _norm(at: str, width: int) -> Shapes:
    return {f"{at}.weight": (width,), f"{at}.bias": (width,)}
