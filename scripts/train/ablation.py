"""The paper's ablation (table 1) on our data: joint, separate, shared and cascaded models, trained alike.

    python -m scripts.train.ablation --passages work/passages --codec work/codec_stats.npz \
        --head-vae work/head_prior/head_vae.safetensors --reference work/passages_eval --run work/ablation \
        --minutes 20 --out scripts/train/ABLATION.md

All variants take every step together, on the same crops, noise and times, so that a busy machine slows them
alike; --minutes counts for each. Interrupted, the same command goes on; finished variants are not measured
again. Runs on the CPU or CUDA.

joint: two transformers with highways (the product's model). separate: the same without highways. shared: one
transformer for the concatenated modalities, as wide as makes as many parameters as joint. cascaded: tokens to
speech, then speech to face and head; trained on true speech, sampled from generated speech.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import torch
from torch import Tensor, nn

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.files import write_whole
from avgen.flow.avflow import AVFlow
from avgen.flow.branches import Branch, both
from avgen.flow.config import FACE, MEL, AVFlowConfig, Condition
from avgen.flow.dit import Positions
from avgen.flow.gaze import GazeStabiliser
from avgen.flow.head_vae import HeadVAE
from avgen.flow.losses import flow_losses, weighted
from avgen.metrics.words import word_error_rate
from avgen.speech import recognition
from avgen.speech.mel import SPEECH
from avgen.types import FloatArray
from scripts.evaluate.against_reference import generate, measure, reference_take
from scripts.mira.dataset import Passage, Passages
from scripts.train.data import (
    CodecStatistics,
    Crops,
    flow_config,
    load_examples,
    load_head_vae,
)
from scripts.train.loop import Run, autocast
from scripts.train.train_flow import WEIGHTS, withhold

VOICES: Final = ("mira",)
"""Who speaks the passages."""
PAPER: Final = {
    "separate": (0.933, 0.981, 0.023, 0.614, 0.218, 0.184, 1.009, 0.179),
    "shared": (0.910, 0.862, 0.024, 0.664, 0.208, 0.174, 0.986, 0.287),
    "cascaded": (0.848, 1.223, 0.026, 0.571, 0.222, 0.222, 1.009, 0.179),
    "joint": (0.964, 0.861, 0.029, 0.680, 0.258, 0.229, 0.900, 0.157),
}
COLUMNS: Final = {
    "lip_f1": "F1 lips",
    "frechet_face": "FD_e",
    "diversity_head": "Div_h",
    "diversity_face": "Div_e",
    "beat_head": "BC_h",
    "beat_face": "BC_e",
    "mcd": "MCD dB",
    "word_error_rate": "WER",
}
"""Of the paper's table 1, in its order."""
OURS: Final = {
    "lip_f1_bilabials": "F1 lips on p, b, m",
    "smile_f1": "F1 smiles",
    "frechet_face_halves": "FD_e, halves",
    "beat_head_shuffled": "BC_h shuffled",
    "beat_face_shuffled": "BC_e shuffled",
    "av_offset_ms": "A/V offset ms",
    "blinks": "blinks a minute",
}


SPOKEN: Final = "speech"
"""The condition that motion follows in the cascaded model."""


class SharedFlow(AVFlow):
    """One transformer that reads and writes mel, face and head side by side."""

    def __init__(self, config: AVFlowConfig) -> None:
        nn.Module.__init__(self)
        self.config = config
        self.audio = Branch(config.audio, config.num_channels, config.num_conditions)
        self.gaze = GazeStabiliser(config.tracks[FACE])
        self.scales = nn.ModuleDict()
        self.solvers = {}

    def forward(self, x_t: Tensor, t: Tensor, conditions: Tensor, helper: Executor | None = None) -> Tensor:
        branch = self.audio
        x, time = branch.enter(x_t, conditions), branch.time(t)
        positions = Positions.of(x_t.shape[1], branch.config, x_t.device)
        for block in branch.blocks:
            x = block(x, time, positions)
        return branch.leave(x)


class CascadedFlow(AVFlow):
    """Two transformers in a row: the visual one is conditioned on speech, and on nothing of the text.

    The last condition is the normalised mel that motion follows. It still gets the emotion, which the voice
    does not tell.
    """

    def __init__(self, config: AVFlowConfig) -> None:
        speech = Condition(config.tracks[MEL], flag=False)
        super().__init__(replace(config, conditions={**config.conditions, SPOKEN: speech}))
        self.reads = config.num_conditions
        self.hears = self.config.num_conditions - config.conditions["tokens"].columns
        mel = config.tracks[MEL]
        self.audio = Branch(config.audio, mel, self.reads)
        self.visual = Branch(config.visual, config.num_channels - mel, self.hears)

    def forward(self, x_t: Tensor, t: Tensor, conditions: Tensor, helper: Executor | None = None) -> Tensor:
        mel = self.config.tracks[MEL]

        def side(branch: Branch, x: Tensor, conditions: Tensor) -> Tensor:
            x, time = branch.enter(x, conditions), branch.time(t)
            positions = Positions.of(x.shape[1], branch.config, x.device)
            for block in branch.blocks:
                x = block(x, time, positions)
            return branch.leave(x)

        sides = both(
            partial(side, self.audio, x_t[..., :mel], conditions[..., : self.reads]),
            partial(side, self.visual, x_t[..., mel:], conditions[..., -self.hears :]),
            helper,
        )
        return torch.cat(sides, dim=-1)

    @torch.inference_mode()
    def sample(
        self,
        conditions: Mapping[str, FloatArray],
        seed: int,
        *,
        known: Mapping[str, FloatArray] | None = None,
        **rest: Any,
    ) -> dict[str, FloatArray]:
        known = known or {MEL: super().sample(conditions, seed, **rest)[MEL]}
        heard = {**conditions, SPOKEN: SPEECH.normalise(known[MEL])}
        return super().sample(heard, seed, known=known, **rest)


def variants(config: AVFlowConfig) -> dict[str, AVFlow]:
    """The four models, in the paper's order."""
    apart = replace(config, highways=False)
    return {
        "separate": AVFlow(apart),
        "shared": SharedFlow(shared_config(config)),
        "cascaded": CascadedFlow(apart),
        "joint": AVFlow(config),
    }


def shared_config(config: AVFlowConfig) -> AVFlowConfig:
    """One transformer shaped like the audio one, of the width that comes nearest to joint's parameters."""

    def build(width: int) -> AVFlowConfig:
        dit = replace(config.audio, width=width, hidden=width * config.audio.hidden // config.audio.width)
        return replace(config, highways=False, audio=dit, visual=dit)

    with torch.device("meta"):
        wanted, unit = size(AVFlow(config)), 2 * config.audio.num_heads
        widths = range(unit, 4 * config.audio.width + 1, unit)
        best = min(widths, key=lambda width: abs(size(SharedFlow(build(width))) - wanted))
    return build(best)


def size(model: nn.Module) -> int:
    """Number of parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


class Training:
    """Steps that all variants take together.

    Args:
        models: by name.
        crops: source of batches.
        device: they train on.
        compiled: whether to compile them first.
    """

    def __init__(self, models: nn.ModuleDict, crops: Crops, device: torch.device, compiled: bool) -> None:
        self.models, self.crops, self.device = models, crops, device
        self.fields = {name: torch.compile(m) if compiled else m for name, m in models.items()}

    def losses(self) -> dict[str, dict[str, Tensor]]:
        """Losses of every variant, track by track, on one batch with the same noise and times."""
        batch = self.crops()
        joint = cast(AVFlow, self.models["joint"])
        read = joint.conditions(batch.conditions(torch.rand(len(batch.labels)) < 0.25))
        read = withhold(read, joint.config.condition_columns).to(self.device)
        x_1 = batch.targets.to(self.device)
        x_0, t = torch.randn_like(x_1), torch.rand(len(x_1), device=self.device)
        heard = torch.cat([read, x_1[..., : joint.config.tracks[MEL]]], dim=-1)
        found = {}
        for name, field in self.fields.items():
            conditions = heard if name == "cascaded" else read
            with autocast(self.device):
                found[name] = flow_losses(field, joint.config.tracks, x_1, conditions, x_0, t)
        return found

    def update(self, optimiser: torch.optim.Optimizer) -> dict[str, list[float]]:
        """One step of every variant, gradients clipped for each by itself."""
        found = self.losses()
        optimiser.zero_grad(set_to_none=True)
        for name, parts in found.items():
            weighted(parts, WEIGHTS).backward()
            nn.utils.clip_grad_norm_(self.models[name].parameters(), 1.0)
        optimiser.step()
        return {name: [part.item() for part in parts.values()] for name, parts in found.items()}


def train(args: argparse.Namespace, config: AVFlowConfig, codec: CodecStatistics, head_vae: HeadVAE) -> Run:
    """Train what is left of the budget; the run holds the averaged weights."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    flows = variants(config)
    for flow in flows.values():
        flow.gaze.load_state_dict(codec.gaze().state_dict())
    models = nn.ModuleDict(flows).to(device)
    optimiser = torch.optim.AdamW(models.parameters(), betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01)
    run = Run(args.run, args.minutes * len(models), models, optimiser, peak_rate=args.rate)
    if run.elapsed >= run.seconds:
        return run
    examples = load_examples(args.passages, VOICES, "train", codec, head_vae)
    crops = Crops(examples, len(VOICES), args.frames, args.batch, seed=run.step)
    training = Training(models, crops, device, compiled=not args.no_compile)
    recent: list[list[list[float]]] = []
    for step in run.steps():
        recent.append(list(training.update(optimiser).values()))
        if step % 200 == 199:
            means = np.mean(recent, axis=0)
            run.log(
                **{
                    f"{name}_{track}": means[i, j]
                    for i, name in enumerate(models)
                    for j, track in enumerate(config.tracks)
                }
            )
            recent.clear()
    return run


def variants_of(run: Run) -> dict[str, AVFlow]:
    """The networks that a run trains, by name."""
    return {name: cast(AVFlow, flow) for name, flow in cast(nn.ModuleDict, run.model).items()}


def evaluate(
    model: AVFlow, passages: list[Passage], avatar: TexturedMesh, head_vae: HeadVAE, vocoder: Any, steps: int
) -> dict[str, float]:
    """The paper's measures of a variant, which is given the reference's phoneme times."""
    heard: list[str] = []

    def voice(mel: FloatArray, seed: int) -> FloatArray:
        samples: FloatArray = vocoder(mel, seed)
        heard.append(recognition.transcribe(recognition.to_recogniser_rate(samples)))
        return samples

    takes = [generate(p, model, head_vae, seed, steps, voice) for seed, p in enumerate(passages)]
    values = measure(takes, [reference_take(p, avatar) for p in passages], passages, avatar)
    return {**values, "word_error_rate": word_error_rate([p.text for p in passages], heard)}


def averaged(run: Run, name: str) -> dict[str, Tensor]:
    """The averaged weights of one variant."""
    prefix = f"{name}."
    return {key.removeprefix(prefix): value for key, value in run.ema.items() if key.startswith(prefix)}


def table(found: Mapping[str, Mapping[str, float]], sizes: Mapping[str, int], about: str) -> str:
    """Our figures in the paper's columns, the paper's own below, and what else we measure."""

    def grid(columns: Mapping[str, str], cells: Callable[[str], Iterator[str]]) -> list[str]:
        lines = ["| model | " + " | ".join(columns.values()) + " |", "| --- " * (len(columns) + 1) + "|"]
        return lines + [f"| {name} | " + " | ".join(cells(name)) + " |" for name in found]

    def ours(columns: Mapping[str, str]) -> list[str]:
        return grid(columns, lambda name: (f"{found[name][key]:.3f}" for key in columns))

    sized = ", ".join(f"{name} {count / 1e6:.2f} M" for name, count in sizes.items())
    paper = grid(COLUMNS, lambda name: (f"{value:.3f}" for value in PAPER[name]))
    return "\n".join(
        [
            *("# Ablation", "", about, "", f"Parameters: {sized}.", "", *ours(COLUMNS), ""),
            *("Further measures:", "", *ours(OURS), ""),
            *("The paper's table 1, on its data:", "", *paper, ""),
        ]
    )


def main() -> None:
    """Train, measure every variant once, write the table."""
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    codec = CodecStatistics.read(args.codec)
    head_vae = load_head_vae(args.head_vae)
    config = flow_config(args.config, codec, head_vae, len(VOICES))
    run = train(args, config, codec, head_vae)
    actor = Models(find_actor(args.actor))
    avatar = with_codec(actor["avatar"], codec)
    passages = list(Passages(args.reference))[: args.limit]
    record = args.run / "measures.json"
    found: dict[str, dict[str, float]] = json.loads(record.read_bytes()) if record.exists() else {}
    flows = variants_of(run)
    for name, model in flows.items():
        if found.get(name, {}).get("steps") != run.step:
            model.load_state_dict(averaged(run, name))
            values = evaluate(model.eval(), passages, avatar, head_vae, actor["vocoder"], args.steps)
            found[name] = {**values, "steps": run.step}
            write_whole(record, json.dumps(found, indent=1) + "\n")
    about = (
        f"{run.step} steps each of {args.batch} x {args.frames} frames, {args.minutes:g} minutes each, on "
        f"{'CUDA' if torch.cuda.is_available() else f'{args.threads} CPU thread(s)'} ({platform.machine()}); "
        f"configuration `{args.config}`; {len(passages)} held-out passages. Made by `python -m "
        "scripts.train.ablation`. Lips over all frames of speech; beat alignment with sigma 3 frames (35 ms)."
    )
    text = table(found, {name: size(model) for name, model in flows.items()}, about)
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


def with_codec(avatar: TexturedMesh, codec: CodecStatistics) -> TexturedMesh:
    """The avatar, reading face codes of the training data's statistics."""
    active = np.flatnonzero(codec.active)
    return replace(
        avatar, codec=replace(avatar.codec, active=active, mean=codec.mean, scale=codec.scale[active])
    )


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=Path, required=True)
    parser.add_argument("--codec", type=Path, required=True, help="codec_stats.npz of the passages")
    parser.add_argument("--head-vae", type=Path, required=True)
    parser.add_argument("--reference", type=Path, required=True, help="held-out passages")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--actor", default="mira", help="whose vocoder and lips are used to measure")
    parser.add_argument("--config", default="mira", help="a name in configs.yaml")
    parser.add_argument("--minutes", type=float, default=20.0, help="for each variant")
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--frames", type=int, default=224)
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate")
    parser.add_argument("--steps", type=int, default=9, help="solver steps of the measured samples")
    parser.add_argument("--limit", type=int, help="first held-out passages only")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-compile", action="store_true", help="skip torch.compile")
    parser.add_argument("--out", type=Path, help="markdown file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
