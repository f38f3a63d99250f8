"""Recorded speech to characters: torchaudio's wav2vec 2.0 base (Baevski et al. 2020), as the paper hears it.

Its weights are not avgen's to ship: `avgen actors import wav2vec2` converts the file that people download.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from torch import Tensor, nn
from torchaudio.models import wav2vec2_model

from avgen.nn.weights import fill, read_weights
from avgen.speech.audio import at_level
from avgen.speech.extractor import heard_in_windows
from avgen.types import FloatArray

WINDOW_FEATURES: Final = 1000
"""Features (20 s) of a window; it hears 2.5 s more on either side."""
_CONVOLUTIONS: Final = ((10, 5), *[(3, 2)] * 4, *[(2, 2)] * 2)
"""Kernel and stride of each: 400 samples are seen every 320."""
NUM_LABELS: Final = 29
_EDGE: Final = 40
"""Zeros at both ends: each feature then is heard about the middle of its 320 samples."""


@dataclass(frozen=True, slots=True)
class Wav2Vec2Config:
    """Sizes, by default those of the published model."""

    source_sha256: str = ""
    """Of the published file that the weights are from."""
    channels: int = 512
    """Of the convolutions."""
    width: int = 768
    num_blocks: int = 12
    num_heads: int = 12
    hidden: int = 3072
    speech_level: float = -24.9
    """Level that recordings are brought to, pauses left out, in dB relative to full scale."""


class Wav2Vec2Extractor(nn.Module):
    """The model over recordings of any length."""

    label_set: ClassVar = "wav2vec2-characters"
    change_cost: ClassVar = 0.0
    """Letters are heard for a moment only: none is left out for that."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.config = config
        self.model = wav2vec2_model(
            extractor_mode="group_norm",
            extractor_conv_layer_config=[(config.channels, *shape) for shape in _CONVOLUTIONS],
            extractor_conv_bias=False,
            encoder_embed_dim=config.width,
            encoder_projection_dropout=0.0,
            encoder_pos_conv_kernel=128,
            encoder_pos_conv_groups=16,
            encoder_num_layers=config.num_blocks,
            encoder_num_heads=config.num_heads,
            encoder_attention_dropout=0.0,
            encoder_ff_interm_features=config.hidden,
            encoder_ff_interm_dropout=0.0,
            encoder_dropout=0.0,
            encoder_layer_norm_first=False,
            encoder_layer_drop=0.0,
            aux_num_out=NUM_LABELS,
        )

    @classmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> Wav2Vec2Extractor:
        """Float32 model on the CPU from a safetensors file.

        Raises:
            ActorError: if the file is damaged or does not fit the configuration.
        """
        return fill(cls(Wav2Vec2Config(**config)), read_weights(file), file)

    @property
    def speech_level(self) -> float:
        """Level that recordings are brought to, in dB relative to full scale."""
        return self.config.speech_level

    @torch.inference_mode()
    def logits(self, samples: FloatArray) -> FloatArray:
        """Logits of a whole recording, heard in windows that overlap; memory is bounded by theirs.

        Args:
            samples: [S] of speech at SAMPLE_RATE and any level, whole hops.

        Returns:
            [S // 256, 29] at the code rate, linear between the model's own 50 a second.
        """
        heard = heard_in_windows(at_level(samples, self.speech_level), WINDOW_FEATURES, self._features)
        out: FloatArray = torch.cat([features[own] for features, own in heard]).numpy()
        return out

    def _features(self, samples: Tensor) -> Tensor:
        """Logits [T, 29] of sound [320 T] at 16 kHz."""
        padded = nn.functional.pad(samples, (_EDGE, _EDGE))
        logits: Tensor = self.model(padded[None])[0][0]
        return logits
