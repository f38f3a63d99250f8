"""Gestures as Audio2Photoreal makes them: a guide draws a few poses a second, and a flow fills in.

    python -m scripts.train.guided_gestures --examples work/gestures --run work/guide --minutes 15
    python -m scripts.train.train_gestures --examples work/gestures --guide work/guide/guide.safetensors \
        --run work/guided --minutes 25 --rate 2e-3

A residual quantiser codes poses, and a causal transformer draws one code after the other, told what the flow
of gestures is told (Ng et al. 2024, section 3). GESTURES.md compares the two with the flow alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from scipy.cluster.vq import kmeans2
from torch import Tensor, nn

from avgen.body.channels import BODY_CHANNELS, HAND_CHANNELS
from avgen.flow.gesture_cues import SIZES
from avgen.flow.gestures import TOKENS, Draw, GestureFlow
from avgen.generators.guide import nucleus
from avgen.text.labels import LABELS
from avgen.types import FloatArray
from scripts.train.gesture_data import Example, read_examples, told
from scripts.train.loop import Run, autocast, export, with_weights
from scripts.train.train_gestures import LEAST_SCALE, Crops, split_examples

KEY_FRAMES: Final = 8
"""Frames of motion from key to key: 3.6 keys a second."""
DEPTH, CODES = 4, 256
"""Levels of the quantiser, and entries of each."""
WINDOW_KEYS, KNOWN_KEYS = 36, 12
"""Keys that the guide sees at once, and of these the ones that a window has of the one before."""
TOP_P: Final = 0.95
WIDTH, HIDDEN, HEADS, LAYERS = 192, 512, 4, 4
POSE: Final = len(BODY_CHANNELS) + len(HAND_CHANNELS)
CONDITIONS: Final = {TOKENS: len(LABELS), **SIZES}
FITTED: Final = 10_000
"""Poses that the quantiser is fitted to."""
VALIDATED: Final = 32
KEYS: Final = "keys"
"""The condition that tells a flow what the guide drew."""


class PoseCodes(nn.Module):
    """Residual quantiser of single poses, channels counted in their spreads."""

    mean: Tensor
    spread: Tensor
    tables: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(POSE))
        self.register_buffer("spread", torch.ones(POSE))
        self.register_buffer("tables", torch.zeros(DEPTH, CODES, POSE))

    def fit(self, poses: FloatArray) -> None:
        """K-means of poses [M, POSE], and of what each level leaves of them."""
        self.mean.copy_(torch.from_numpy(poses.mean(0)))
        self.spread.copy_(torch.from_numpy(np.maximum(poses.std(0), LEAST_SCALE)))
        rest = self.counted(torch.from_numpy(poses)).numpy()
        for table in self.tables:
            entries, nearest = kmeans2(rest, CODES, minit="points", seed=0)
            table.copy_(torch.from_numpy(entries))
            rest = rest - entries[nearest]

    def counted(self, poses: Tensor) -> Tensor:
        """Poses in spreads about the mean."""
        return (poses - self.mean) / self.spread

    def encode(self, poses: Tensor) -> Tensor:
        """Codes [..., DEPTH] of poses [..., POSE]."""
        rest, found = self.counted(poses), []
        for table in self.tables:
            nearest = torch.cdist(rest.reshape(1, -1, POSE), table[None]).argmin(-1).view(rest.shape[:-1])
            rest = rest - table[nearest]
            found.append(nearest)
        return torch.stack(found, -1)

    def decode(self, codes: Tensor) -> Tensor:
        """Poses [..., POSE] in spreads about the mean, of codes [..., DEPTH]."""
        entries = [table[code] for table, code in zip(self.tables, codes.unbind(-1), strict=True)]
        return torch.stack(entries).sum(0)


def between(keys: Tensor, frames: int) -> Tensor:
    """Keys [B, T, K] -> [B, frames, K]: straight from key to key, the last one held."""
    place = torch.arange(frames) / KEY_FRAMES
    first = place.long().clamp(max=keys.shape[1] - 1)
    after, share = (first + 1).clamp(max=keys.shape[1] - 1), (place - first)[:, None]
    return keys[:, first].lerp(keys[:, after], share)


class Guide(nn.Module):
    """Draws the codes of keys, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.poses = PoseCodes()
        self.hear = nn.Linear(KEY_FRAMES * sum(CONDITIONS.values()), WIDTH)
        self.context = nn.Conv1d(WIDTH, WIDTH, 5, padding=2, groups=WIDTH)
        self.embed = nn.Embedding(DEPTH * CODES + 1, WIDTH)
        self.place = nn.Parameter(0.02 * torch.randn(DEPTH * WINDOW_KEYS, WIDTH))
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, 0.1, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, LAYERS, nn.LayerNorm(WIDTH), enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, DEPTH * CODES)

    def heard(self, conditions: Mapping[str, Tensor]) -> Tensor:
        """[B, T, WIDTH] what T keys are told by conditions [B, T * KEY_FRAMES, channels]."""
        joined = torch.cat([conditions[name] for name in CONDITIONS], -1)
        by_key = self.hear(joined.reshape(len(joined), -1, KEY_FRAMES * joined.shape[-1]))
        told_: Tensor = by_key + self.context(by_key.transpose(1, 2)).transpose(1, 2)
        return told_

    def forward(self, codes: Tensor, heard: Tensor) -> Tensor:
        """Logits [B, L + 1, CODES] of the codes after none, one ... all of codes [B, L].

        Args:
            codes: of the first keys, level by level.
            heard: [B, T, WIDTH] of all keys.
        """
        count = codes.shape[1] + 1
        level = torch.arange(count) % DEPTH
        start = torch.full((len(codes), 1), DEPTH * CODES)
        x = self.embed(torch.cat([start, codes + CODES * level[:-1]], 1))
        x = x + self.place[:count] + heard.repeat_interleave(DEPTH, 1)[:, :count]
        mask = nn.Transformer.generate_square_subsequent_mask(count)
        logits = self.head(self.layers(x, mask, is_causal=True)).view(len(x), count, DEPTH, CODES)
        of_level: Tensor = logits[:, torch.arange(count), level]
        return of_level

    @torch.inference_mode()
    def draw(self, conditions: Mapping[str, FloatArray], seed: int) -> FloatArray:
        """Condition `keys` [M, POSE] of a clip whose other conditions [M, channels] are given."""
        frames, noise = len(conditions[TOKENS]), torch.Generator().manual_seed(seed)
        given = {name: torch.from_numpy(conditions[name])[None] for name in CONDITIONS}
        heard = self.heard({n: F.pad(v, (0, 0, 0, -frames % KEY_FRAMES)) for n, v in given.items()})
        codes = torch.zeros(1, 0, dtype=torch.long)
        while (known := codes.shape[1] // DEPTH) < heard.shape[1]:
            first = max(0, known - KNOWN_KEYS)
            window = codes[:, DEPTH * first :]
            for _ in range(DEPTH * (min(heard.shape[1] - first, WINDOW_KEYS) - (known - first))):
                logits = self(window, heard[:, first : first + WINDOW_KEYS])[0, -1]
                window = torch.cat([window, nucleus(logits, TOP_P, noise).view(1, 1)], 1)
            codes = torch.cat([codes[:, : DEPTH * first], window], 1)
        keys = self.poses.decode(codes.view(1, -1, DEPTH))
        return between(keys, frames)[0].numpy()

    def told(self, examples: Sequence[Example]) -> dict[str, Tensor]:
        """What a flow is told that fills in: also the keys of the examples' own motion, as coded."""
        code = torch.from_numpy(np.stack([example.code for example in examples])).float()
        keys = self.poses.decode(self.poses.encode(code[:, ::KEY_FRAMES]))
        return {**told(examples), KEYS: between(keys, code.shape[1])}


def load_guide(file: Path) -> Guide:
    """The guide that this script exported, for drawing."""
    guide = Guide().eval()
    guide.load_state_dict({name: value.float() for name, value in load_file(file).items()})
    return guide


def guided(flow: GestureFlow, guide: Guide) -> Draw:
    """What draws motion by a guide and the flow that fills in."""

    def draw(conditions: Mapping[str, FloatArray], seed: int) -> Mapping[str, FloatArray]:
        return flow.draw({**conditions, KEYS: guide.draw(conditions, seed)}, seed)

    return draw


def loss_of(guide: Guide, crops: Sequence[Example]) -> Tensor:
    """Cross entropy of the codes of crops, nats."""
    code = torch.from_numpy(np.stack([crop.code for crop in crops])).float()
    codes = guide.poses.encode(code[:, ::KEY_FRAMES]).flatten(1)
    logits = guide(codes[:, :-1], guide.heard(told(crops)))
    return F.cross_entropy(logits.flatten(0, 1), codes.flatten())


def main() -> None:
    """Fit the quantiser, train the guide, export both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--examples", type=Path, required=True, help="that scripts.train.gesture_data wrote")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    train, valid = split_examples(read_examples(args.examples))
    guide, rng = Guide(), np.random.default_rng(0)
    poses = np.concatenate([example.code for example in train]).astype(np.float32)
    guide.poses.fit(poses[rng.choice(len(poses), min(FITTED, len(poses)), replace=False)])
    optimiser = torch.optim.AdamW(guide.parameters(), betas=(0.9, 0.98), weight_decay=0.05)
    run = Run(args.run, args.minutes, guide, optimiser, peak_rate=args.rate)
    frames = KEY_FRAMES * WINDOW_KEYS
    checked = Crops(valid, frames, seed=1)(VALIDATED)
    coming, recent = Crops(train, frames, seed=run.step), list[float]()
    for step in run.steps():
        with autocast(torch.device("cpu")):
            loss = loss_of(guide, coming(args.batch))
        run.update(loss)
        recent.append(loss.item())
        if step % 250 == 249:
            with torch.no_grad(), with_weights(guide, run.ema):
                guide.eval()
                run.log(train=float(np.mean(recent)), valid=float(loss_of(guide, checked)))
                guide.train()
            recent.clear()
    export(run.ema, args.run / "guide.safetensors")


if __name__ == "__main__":
    main()
