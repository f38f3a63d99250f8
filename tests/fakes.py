"""A tiny actor: real networks of a few hundred random weights; only its head is a patch of colour."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file

from avgen.avatars.base import Avatar
from avgen.avatars.views import View
from avgen.background import Background
from avgen.emotion import EMOTIONS
from avgen.flow.avflow import AVFlow
from avgen.flow.config import AVFlowConfig, Condition
from avgen.flow.dit import DiTConfig, Window
from avgen.flow.head_vae import HeadVAE, HeadVAEConfig, PriorConfig
from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig
from avgen.speech.encoder import EncoderConfig
from avgen.speech.extractor import ExtractorConfig, WhisperExtractor
from avgen.style import Style
from avgen.text.labels import LABELS
from avgen.tracks import Codes, Track
from avgen.vocoders.source_filter import ControlNetwork, SourceFilterConfig

CHANNELS = 3
CAMERA = {"target": [0, 0, 0], "yaw": 0, "pitch": 0, "distance": 1, "field_of_view": 20}


class TinyRenderer:
    """Fills each picture with one colour that follows the first face channel."""

    def __init__(self, size: tuple[int, int], background: Background) -> None:
        width, height = size
        self.size = height, width, 4 if background.transparent else 3

    def render(self, tracks: Mapping[str, Any]) -> Any:
        level = np.clip(128 + 40 * tracks["face"][:, 0], 0, 255).astype(np.uint8)
        return np.broadcast_to(level[:, None, None, None], (len(level), *self.size))


class SlowRenderer(TinyRenderer):
    """To be caught at it."""

    def render(self, tracks: Mapping[str, Any]) -> Any:
        time.sleep(0.1)
        return super().render(tracks)


class TinyAvatar(Avatar):
    tracks = ("face", "head")
    made = TinyRenderer

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> TinyAvatar:
        return cls()

    def restyle(self, codes: Codes, style: Style) -> Codes:
        face = codes["face"] * np.array([style.upper_face, style.lower_face, 1.0], np.float32)
        return replace(codes, tracks={**codes.tracks, "face": Track(face)})

    def make_renderer(
        self, device: str, view: View, size: tuple[int, int], background: Background
    ) -> TinyRenderer:
        return self.made(size, background)


class SlowAvatar(TinyAvatar):
    made = SlowRenderer


class Plain(yaml.SafeDumper):
    """YAML without aliases, which actors must not have."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write_actor(folder: Path, voices: Mapping[str, Any] | None = None, face_channels: int = 0) -> Path:
    """Write the tiny actor's folder.

    Args:
        folder: to write.
        voices: which its models can tell apart if there are several.
        face_channels: in which its flow sees a partner, whom it hears as well; 0 for one that does neither.
    """
    voices = voices or {"tiny": voice()}
    count = len(voices) if len(voices) > 1 else 0
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    window = Window(4, 2)
    dit = DiTConfig(num_blocks=1, width=8, hidden=8, num_heads=2, window=window)
    tokens = TextToTokensConfig(len(LABELS), width=8, num_convs=1, num_blocks=0, num_voices=count)
    conditions = {"tokens": Condition(len(LABELS), flag=False), "emotion": Condition(len(EMOTIONS))}
    if count:
        conditions["voice"] = Condition(count)
    if face_channels:
        conditions["partner_tokens"] = Condition(len(LABELS), flag=False)
        conditions["partner_face"] = Condition(face_channels)
    tracks = {"mel": 80, "face": CHANNELS, "head_latent": 8}
    flow = AVFlowConfig(conditions, tracks, audio=dit, visual=dit)
    prior = PriorConfig(len(LABELS), len(EMOTIONS), width=8, kernel=3, dilations=(1,))
    head = HeadVAEConfig(width=8, num_heads=2, window=window, prior=prior)
    hearing = EncoderConfig(width=8, num_heads=2, num_blocks=1)
    ear = ExtractorConfig(len(LABELS), channels=8, dilations=(1,), encoder=hearing)
    sound = SourceFilterConfig(channels=8, blocks=1)
    text_to_tokens = TextToTokens(tokens)
    torch.nn.init.constant_(text_to_tokens.duration.bias, 1.5)
    if count:
        torch.nn.init.normal_(text_to_tokens.voice.weight)
    networks = {
        "text_to_tokens": ("phonemes", tokens, text_to_tokens),
        "extractor": ("whisper", ear, WhisperExtractor(ear)),
        "flow": ("avflow", flow, AVFlow(flow)),
        "head_vae": ("temporal", head, HeadVAE(head)),
        "vocoder": ("source_filter", sound, ControlNetwork(sound)),
    }
    components = {}
    for slot, (kind, config, network) in networks.items():
        file = folder / f"{slot}.safetensors"
        save_file(network.state_dict(), file)
        components[slot] = component(file, kind, asdict(config))
    save_arrays({"weight": np.arange(4, dtype=np.float32)}, folder / "avatar.safetensors")
    components["avatar"] = component(folder / "avatar.safetensors", "tiny", {})
    write_description(folder, voice=next(iter(voices)), voices=dict(voices), components=components)
    return folder


def voice(mean_pitch: float = 190, pace: float = 16) -> dict[str, Any]:
    """A voice as actor.yaml describes it."""
    return {"mean_pitch": mean_pitch, "characters_per_second": pace, "description": "a test voice"}


def component(file: Path, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {"kind": kind, "file": file.name, "sha256": digest, "config": config}


def write_description(folder: Path, **changes: Any) -> None:
    """Write or change actor.yaml; a value of None removes its key."""
    file = folder / "actor.yaml"
    values = {
        "name": folder.name,
        "title": "Tiny",
        "description": "A test actor.",
        "licence": "CC0-1.0",
        "consent": "Nobody's likeness.",
        "language": "en-US",
        "label_set": "phonemes",
        "cameras": {"portrait": CAMERA, "close-up": {**CAMERA, "distance": 0.8}},
        "credits": ["Made of random numbers, CC0-1.0"],
        "speech_gain_db": 0,
    }
    if file.is_file():
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    values = {key: value for key, value in {**values, **changes}.items() if value is not None}
    file.write_text(yaml.dump(values, Dumper=Plain, sort_keys=False), encoding="utf-8")
