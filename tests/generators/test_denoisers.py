"""The diffusion models against plain ones, which keep nothing from step to step."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from avgen.generators.denoisers import Condition, Denoiser, FaceDenoiser, sinusoid
from avgen.generators.motion import Guided, SoundToMotion
from tests.generators.test_layers import decoded

SOUND = torch.randn(2, 64_000, generator=torch.Generator().manual_seed(2))


def plain(model: Denoiser, x: Tensor, time: int, told: Condition) -> Tensor:
    """x_0 of x_t, by one pass over tokens of sound and time together."""
    width = told.hidden.shape[1]
    rates = [10_000 ** (-k / max(width // 2 - 1, 1)) for k in range(width // 2)]
    wave = [math.sin(time * rate) for rate in rates] + [math.cos(time * rate) for rate in rates]
    hidden = F.mish(model.time_mlp[1](torch.tensor([wave])))
    tokens = torch.cat([told.tokens, model.norm_cond(model.to_time_tokens(hidden).view(1, 2, width))], 1)
    y = model.input_projection(x)
    for layer in model.seqTransDecoder:
        y = decoded(layer, y, told.hidden + model.to_time_cond(hidden), tokens, told.keyframes, None)
    return model.final_layer(y)


def smoothed(model: SoundToMotion, x: Tensor) -> Tensor:
    """What the convolutions after the transformer of poses make of [1, T, 104]."""
    y = torch.cat([torch.zeros(1, 24, 104), x], 1).transpose(1, 2)
    for conv, step in zip(model.pose.post_pose_layers, (1, 2, 3, 1, 2, 3), strict=True):
        made = F.leaky_relu(F.conv1d(y, conv.weight, conv.bias, dilation=step), 0.2)
        y = 0.5 * (made + y[..., 2 * step :]) if conv.weight.shape[0] == conv.weight.shape[1] else made
    return F.conv1d(y, model.pose.final_conv.weight, model.pose.final_conv.bias).transpose(1, 2)


@torch.inference_mode()
def test_kept_memories_give_what_a_whole_pass_gives(model: SoundToMotion) -> None:
    features = model.face.audio_model(SOUND)
    told = model.face.listen(features, SOUND, 120)
    seen = model.pose.listen(features, torch.randn(4, 104))
    for network, condition, finish in (
        (model.face, told, lambda y: y),
        (model.pose, seen, lambda y: smoothed(model, y)),
    ):
        memories = network.memories(condition)
        for time in (990, 400, 0):
            x = torch.randn(1, 120, network.features)
            wanted = finish(plain(network, x, time, condition))
            assert torch.allclose(network(x, time, condition, memories), wanted, atol=1e-4)


@torch.inference_mode()
def test_guidance_goes_beyond_what_is_told(model: SoundToMotion) -> None:
    seen = model.pose.listen(model.pose.audio_model(SOUND), torch.randn(4, 104))
    x = torch.randn(1, 120, 104)
    nothing = model.pose.unconditional(seen)
    assert nothing.keyframes is not None and nothing.keyframes.shape == seen.keyframes.shape
    told, untold = (smoothed(model, plain(model.pose, x, 500, one)) for one in (seen, nothing))
    for scale in (1.0, 2.0, 10.0):
        found = Guided(model.pose, [seen], scale)(0, x, 500)
        assert torch.allclose(found, untold + scale * (told - untold), atol=1e-3)


@torch.inference_mode()
def test_lips_are_heard_in_the_own_channel_alone(model: SoundToMotion) -> None:
    face: FaceDenoiser = model.face
    features = torch.zeros(398, 2 * 8)
    one = face.listen(features, SOUND, 120).tokens
    assert torch.equal(one, face.listen(features, torch.stack([SOUND[0], SOUND[0]]), 120).tokens)
    assert not torch.allclose(one, face.listen(features, SOUND.flip(0), 120).tokens)
    assert face.lip_model(SOUND[0], 120).shape == (120, 338 * 3)


def test_times_are_sines_and_cosines() -> None:
    found = sinusoid(3, 8, torch.device("cpu"))[0]
    assert torch.allclose(found[[0, 4]], torch.tensor([math.sin(3), math.cos(3)]))
    assert math.isclose(float(found[3]), math.sin(3e-4), rel_tol=1e-4)
