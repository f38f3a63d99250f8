"""Train the paper's AV-Flow on a person of Audio2Photoreal's dataset, and make an actor of it.

    avgen actors import audio2photoreal downloads --id PXB184
    python -m scripts.train.train_tokens --corpora work/corpora --voices mira --run work/letters \
        --wav2vec2 downloads/wav2vec2_fairseq_base_ls960_asr_ls960.pth --minutes 60
    python -m scripts.train.photoreal --dataset downloads/dataset/PXB184 --actor pxb184 \
        --wav2vec2 downloads/wav2vec2_fairseq_base_ls960_asr_ls960.pth \
        --text-to-tokens work/letters/text_to_tokens.safetensors --work work/pxb184 \
        --out actors/pxb184-speaks --minutes 2160

hears the scenes (tokens are what wav2vec 2.0 hears, paper section 3.1), trains the head VAE, then the flow
with the paper's sizes, windows, weights, optimiser and batches (supplement B: 16 crops of 20 s, 36 hours on
an A100), and puts the actor together: its looks and its vocoder are the imported actor's. The flow makes the
mel, the 256 codes of the face, and the head; the pose of the body is the one that goes with the head. Every
part is made once: stopped, the same command goes on. With --listens the flow is told, too, which letters the
partner says (section 3.5): `avgen render --partner` then gives it somebody to talk with. Runs on the CPU or
CUDA.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
import yaml

from avgen.actors.actor import ACTOR_FILE, Actor, find_actor
from avgen.actors.components import Models
from avgen.actors.packing import Weights, pack
from avgen.avatars.ca_body.avatar import CodecAvatar
from avgen.avatars.ca_body.head import head_pose
from avgen.documents import load_yaml
from avgen.errors import ActorError, AvgenError, InputError
from avgen.flow.avflow import AVFlow, TrackScale
from avgen.flow.config import FACE, Condition
from avgen.flow.head_vae import HeadVAE, HeadVAEConfig
from avgen.flow.losses import PAPER_WEIGHTS
from avgen.partner import PARTNER_TOKENS
from avgen.speech.mel import SPEECH
from avgen.text.labels import CHARACTERS
from avgen.types import CODE_RATE, FloatArray
from scripts.train.captures import (
    FACE_CODES,
    POSE_PARAMETERS,
    Capture,
    captures,
    find_scenes,
    hear,
    load_ear,
    mean_pitch,
    pace,
)
from scripts.train.data import Crops, Example, Partner, load_head_vae, shaped
from scripts.train.train_flow import begin, train_flow
from scripts.train.train_head_vae import FRAMES, UNHEARD, train_head_vae

BATCH: Final = 16
SECONDS: Final = 20.0
RATE: Final = 1e-4
"""The paper's (supplement B)."""
STEADY_STEPS: Final = 1500
LEAST_STD: Final = 1e-3
"""Of a face code, so that one that never moves stays what it is."""
KEPT: Final = ("licence", "consent", "language", "cameras", "speech_gain_db")
"""What the imported actor's description says that holds for the new one."""
VOICE: Final = "own"
CREDITS: Final = (
    "Speech and motion: learnt from the captures of Audio2Photoreal (Ng et al. 2024, Meta; CC-BY-NC-4.0)",
    "Hearing: wav2vec 2.0 base (Baevski et al. 2020; MIT)",
)


class Person(NamedTuple):
    """What was captured of somebody, with the head's pose [N, 7] of each capture."""

    captures: list[Capture]
    heads: list[FloatArray]


def parse() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, required=True, help="the person's folder, with sceneNN_*")
    parser.add_argument("--actor", required=True, help="name of the imported actor")
    parser.add_argument("--wav2vec2", type=Path, required=True, help="torchaudio's published file")
    parser.add_argument(
        "--text-to-tokens", type=Path, required=True, help="that scripts.train.train_tokens made"
    )
    parser.add_argument("--work", type=Path, required=True, help="folder for what is made on the way")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new actor, called as it is")
    parser.add_argument("--config", default="paper", help="a name in configs.yaml")
    parser.add_argument("--minutes", type=float, default=2160.0, help="for the flow")
    parser.add_argument("--head-minutes", type=float, default=10.0, help="for the head VAE")
    parser.add_argument("--steady-steps", type=int, default=STEADY_STEPS, help="of its decoder alone")
    parser.add_argument("--batch", type=int, default=BATCH, help="crops")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of a crop")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--listens", action="store_true", help="tell it what the partner says as well")
    parser.add_argument("--no-compile", action="store_true", help="skip torch.compile")
    return parser.parse_args()


def main() -> None:
    """Command line."""
    try:
        make(parse())
    except AvgenError as error:
        raise SystemExit(f"Error: {error}") from None


def make(args: argparse.Namespace) -> None:
    """Hear, train, and put together.

    Raises:
        AvgenError: a file or an actor is not what it should be.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    actor = find_actor(args.actor)
    ear = load_ear(args.wav2vec2, args.work / "extractor.safetensors")
    files = [[hear(scene, ear, args.work / "scenes") for scene in part] for part in find_scenes(args.dataset)]
    avatar = Models(actor)["avatar"]
    train, valid = (seen(part, avatar, actor.name) for part in files[:2])
    head_vae = fit_head(train, valid, args.work / "head", args.head_minutes, args.steady_steps)
    flow = make_flow(args.config, train.captures, head_vae, listens=args.listens)
    frames = round(args.seconds * CODE_RATE)
    crops, held = (
        Crops(examples(person, flow, head_vae), 1, frames, args.batch, seed)
        for seed, person in enumerate((train, valid))
    )
    run = begin(flow, args.work / "flow", args.minutes, RATE)
    train_flow(run, crops, {"valid": held()}, PAPER_WEIGHTS, compiled=not args.no_compile)
    assemble(args.out, actor, args.work, args.text_to_tokens, train.captures)
    print(f"{args.out}: made. See: avgen actors check {args.out}")


def seen(files: Sequence[Path], avatar: object, name: str) -> Person:
    """What was captured in some scenes, and where the head is in it.

    Raises:
        ActorError: the actor is no codec avatar.
    """
    if not isinstance(avatar, CodecAvatar):
        raise ActorError(f"actor {name}: expected an avatar of kind ca_body: avgen actors import makes one.")
    parts = list(captures(files))
    return Person(parts, [head_pose(avatar.network, part.pose) for part in parts])


def fit_head(train: Person, valid: Person, folder: Path, minutes: float, steady_steps: int) -> HeadVAE:
    """The head VAE, with the body that goes with the head; of an earlier run, if that came to its end.

    Raises:
        InputError: no stretch of the scenes is long enough.
    """
    file = folder / "head_vae.safetensors"
    if not file.exists():
        vae = HeadVAE(HeadVAEConfig(emphasis=0.0, carriage=POSE_PARAMETERS))
        assert vae.carriage is not None
        vae.carriage.fit(np.concatenate(train.heads), np.concatenate([part.pose for part in train.captures]))
        poses = [torch.from_numpy(signed(head, vae)) for head in train.heads if len(head) >= FRAMES]
        if not poses:
            raise InputError(f"no stretch of the training scenes with a face has {FRAMES / CODE_RATE:.1f} s.")
        held = [signed(head, vae) for head in valid.heads]
        train_head_vae(vae, poses, held, folder, minutes, steady_steps)
    return load_head_vae(file)


def signed(head: FloatArray, vae: HeadVAE) -> FloatArray:
    """The same head poses [N, 7], with quaternions on the side of the usual one."""
    assert vae.carriage is not None
    side = head.copy()
    if (head[:, :4] @ vae.carriage.turn.numpy()).mean() < 0:
        side[:, :4] *= -1
    return side


def make_flow(name: str, parts: Sequence[Capture], head_vae: HeadVAE, *, listens: bool) -> AVFlow:
    """A flow of random weights that knows how the person's face codes are distributed."""
    config = shaped(name, len(CHARACTERS.labels), {}, FACE_CODES, head_vae, scaled=(FACE,))
    if listens:
        partner = {PARTNER_TOKENS: Condition(len(CHARACTERS.labels), flag=False)}
        config = replace(config, conditions={**config.conditions, **partner})
    flow = AVFlow(config)
    codes, scale = np.concatenate([part.face for part in parts]), face_scale(flow)
    scale.mean.copy_(torch.from_numpy(codes.mean(0)))
    scale.std.copy_(torch.from_numpy(codes.std(0)).clamp(min=LEAST_STD))
    return flow.to("cuda" if torch.cuda.is_available() else "cpu")


def face_scale(flow: AVFlow) -> TrackScale:
    """How the face codes are standardised inside a flow."""
    scale = flow.scales[FACE]
    assert isinstance(scale, TrackScale)
    return scale


def examples(person: Person, flow: AVFlow, head_vae: HeadVAE) -> list[Example]:
    """Tokens and targets of every capture, and what the partner says if the flow is to listen."""
    found, scale = [], face_scale(flow)
    listens = PARTNER_TOKENS in flow.config.conditions
    for part, head in zip(person.captures, person.heads, strict=True):
        mel = torch.from_numpy(SPEECH.normalise(part.mel))
        face = scale.normalise(torch.from_numpy(part.face))
        latent = torch.from_numpy(head_vae.encode(signed(head, head_vae), UNHEARD))
        targets = torch.cat([mel, face, latent], dim=1).half()
        unknown = torch.zeros(len(mel), 0).half()
        partner = Partner(torch.from_numpy(part.partner), unknown) if listens else None
        found.append(Example(torch.from_numpy(part.tokens), unknown, targets, partner=partner))
    return found


def assemble(folder: Path, looks: Actor, work: Path, text_to_tokens: Path, parts: Sequence[Capture]) -> None:
    """Write the actor's folder.

    Args:
        folder: to write.
        looks: the imported actor, whose avatar and vocoder the new one has.
        work: what was trained.
        text_to_tokens: the network, its configuration beside it.
        parts: of the person, to measure the voice by.
    """
    theirs = load_yaml(looks.folder / ACTOR_FILE)
    components = {
        slot: part if "actor" in part else {"actor": looks.name, "sha256": part["sha256"]}
        for slot, part in theirs["components"].items()
        if slot in ("avatar", "vocoder")
    }
    usual = looks.voices[looks.voice_names[0]].mean_pitch
    voice = {
        "mean_pitch": round(mean_pitch(parts, usual), 1),
        "characters_per_second": round(min(60.0, max(1.0, pace(parts))), 1),
        "description": f"the voice of {looks.title}",
    }
    values = {
        **{key: theirs[key] for key in KEPT},
        "name": folder.resolve().name,
        "title": looks.title,
        "description": f"{looks.title}, who speaks and moves as in the captures of Audio2Photoreal.",
        "label_set": CHARACTERS.name,
        "voice": VOICE,
        "voices": {VOICE: voice},
        "credits": [*theirs["credits"], *CREDITS],
        "components": components,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ACTOR_FILE).write_text(yaml.safe_dump(values, sort_keys=False, width=100), encoding="utf-8")
    weights = [
        Weights("text_to_tokens", None, text_to_tokens),
        Weights("extractor", "wav2vec2", work / "extractor.safetensors"),
        Weights("flow", None, work / "flow" / "flow.safetensors"),
        Weights("head_vae", None, work / "head" / "head_vae.safetensors"),
    ]
    pack(folder, weights)


if __name__ == "__main__":
    main()
