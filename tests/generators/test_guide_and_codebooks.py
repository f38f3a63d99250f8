"""One pose a second: drawn code by code, and read out of codebooks."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from avgen.generators.codebooks import DEPTH, PoseCodec
from avgen.generators.guide import nucleus
from avgen.generators.motion import SoundToMotion, draw_codes
from avgen.generators.windows import cover
from tests.generators.test_denoisers import SOUND
from tests.generators.test_layers import decoded, filled


@torch.inference_mode()
def test_the_guide_is_the_plain_transformer(model: SoundToMotion) -> None:
    guide = model.guide
    heard = F.pad(guide.audio_model(SOUND).T[None], (2 * (1 + 2), 0))
    for number, step in ((0, 1), (3, 2)):
        conv = guide.pre_audio[number]
        heard = F.leaky_relu(F.conv1d(heard, conv.weight, conv.bias, dilation=step), 0.2)
    last = guide.pre_audio[6]
    tokens = guide.cond_projection(F.conv1d(heard, last.weight, last.bias).transpose(1, 2))
    codes = torch.tensor([[3, 1, 2]])
    x = guide.token_embedding(torch.tensor([[8, 3, 1, 2]]))
    condition = guide.non_attn_cond_projection(tokens.mean(1))
    mask = torch.triu(torch.full((4, 4), -torch.inf), 1)
    for layer in guide.seqTransDecoder:
        x = decoded(layer, x, condition, guide.norm_cond(tokens), None, mask)
    told = guide.listen(guide.audio_model(SOUND))
    assert told.tokens.shape[1] == 398
    assert torch.allclose(guide(codes, told, guide.memories(told)), guide.final_layer(x), atol=1e-4)


def test_a_nucleus_is_the_fewest_likely_codes() -> None:
    logits, noise = torch.tensor([0.5, 0.3, 0.15, 0.05]).log(), torch.Generator().manual_seed(0)
    drawn = np.bincount([int(nucleus(logits, 0.75, noise)) for _ in range(2000)], minlength=4) / 2000
    assert drawn[2] == drawn[3] == 0 and abs(drawn[0] - 5 / 8) < 0.04
    assert {int(nucleus(logits, 0.01, noise)) for _ in range(20)} == {0}


@torch.inference_mode()
def test_windows_go_on_with_the_poses_before_them(model: SoundToMotion) -> None:
    windows = cover(9, 4)
    told = [model.guide.listen(model.guide.audio_model(SOUND * (1 + k))) for k in range(len(windows))]
    codes = draw_codes(model.guide, windows, told, 0.94, seed=5)
    assert codes.shape == (9, DEPTH) and codes.min() >= 0 and codes.max() < 8
    assert torch.equal(codes, draw_codes(model.guide, windows, told, 0.94, seed=5))
    assert torch.equal(codes[:4], draw_codes(model.guide, windows[:1], told[:1], 0.94, seed=5))
    assert not torch.equal(codes, draw_codes(model.guide, windows, told, 0.94, seed=6))


@torch.inference_mode()
def test_codes_are_what_is_left_of_what_is_left() -> None:
    codec = filled(PoseCodec(4, 16))
    assert isinstance(codec, PoseCodec)
    poses = torch.randn(1, 7, 104)
    codes = codec.encode(poses)
    x = F.pad(poses.transpose(1, 2), (7, 0))
    for place, step in ((0, 1), (2, 1), (4, 2), (6, 3), (8, 1)):
        conv = codec.encoder["enc"][place]
        x = F.conv1d(x, conv.weight, conv.bias, dilation=step)
        x = F.leaky_relu(x, 0.2) if place < 8 else x
    for frame in range(7):
        rest = x[0, :, frame]
        for level, table in enumerate(codec.tables):
            distances = [float(((rest - entry) ** 2).sum()) for entry in table]
            assert int(codes[0, frame, level]) == int(np.argmin(distances))
            rest = rest - table[codes[0, frame, level]]


@torch.inference_mode()
def test_poses_come_of_sums_of_entries_and_of_the_past() -> None:
    codec = filled(PoseCodec(4, 16))
    assert isinstance(codec, PoseCodec)
    codes = torch.randint(16, (1, 12, DEPTH))
    mean = codec.decoder["project_mean_shape"].bias
    y = torch.stack(
        [sum(table[codes[0, k, level]] for level, table in enumerate(codec.tables)) for k in range(12)]
    )
    x = F.pad((y + mean).T[None], (7, 0))
    for place, step in ((0, 1), (2, 2), (4, 3), (6, 1), (8, 1)):
        conv = codec.decoder["dec"][place]
        x = F.conv1d(x, conv.weight, conv.bias, dilation=step)
        x = F.leaky_relu(x, 0.2) if place < 8 else x
    found = codec.decode(codes)
    assert torch.allclose(found, x.transpose(1, 2), atol=1e-5)
    assert torch.allclose(codec.decode(codes[:, :8]), found[:, :8], atol=1e-6)
