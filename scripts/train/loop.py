"""What every training script shares: a time box, a learning-rate schedule, checkpoints, EMA and a log."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

CONFIGS = Path(__file__).with_name("configs.yaml")


class Run:
    """A training run of a fixed number of minutes that survives interruption.

    Args:
        folder: where `checkpoint.pt` and `log.jsonl` live; an existing checkpoint is resumed.
        minutes: time budget over all starts of the run.
        model: trained module.
        optimiser: its optimiser.
        peak_rate: learning rate after warm-up.
        ema_decay: of the averaged weights that are exported.
    """

    def __init__(
        self,
        folder: Path,
        minutes: float,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        *,
        peak_rate: float,
        ema_decay: float = 0.998,
    ) -> None:
        self.folder, self.seconds = folder, 60.0 * minutes
        self.model, self.optimiser = model, optimiser
        self.peak_rate, self.ema_decay = peak_rate, ema_decay
        self.ema = {name: value.detach().clone().float() for name, value in model.state_dict().items()}
        self.step, self.elapsed = 0, 0.0
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "checkpoint.pt").exists():
            self._restore()

    def _restore(self) -> None:
        state = torch.load(self.folder / "checkpoint.pt", weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.ema, self.step, self.elapsed = state["ema"], state["step"], state["elapsed"]

    def steps(self, save_every: float = 120.0) -> Iterator[int]:
        """Yield step numbers until the budget is spent, saving a checkpoint every `save_every` seconds."""
        last = saved = time.monotonic()
        while self.elapsed < self.seconds:
            for group in self.optimiser.param_groups:
                group["lr"] = self._rate()
            yield self.step
            self._average()
            self.step += 1
            now = time.monotonic()
            self.elapsed, last = self.elapsed + now - last, now
            if now - saved > save_every:
                self.save()
                saved = now
        self.save()

    def _rate(self) -> float:
        """Linear warm-up over 200 steps, constant, linear decay over the last 30% of the time."""
        left = 1.0 - self.elapsed / self.seconds
        return self.peak_rate * min(1.0, (self.step + 1) / 200) * min(1.0, max(0.02, left / 0.3))

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.ema_decay, (self.step + 1) / (self.step + 20))
        for name, value in self.model.state_dict().items():
            self.ema[name].lerp_(value.float(), 1.0 - decay)

    def update(self, loss: Tensor, max_norm: float = 1.0) -> None:
        """One optimiser step with gradients clipped to a norm."""
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), max_norm)
        self.optimiser.step()

    def save(self) -> None:
        """Write the checkpoint whole or not at all."""
        part = self.folder / "checkpoint.part"
        state = {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "ema": self.ema}
        torch.save({**state, "step": self.step, "elapsed": self.elapsed}, part)
        os.replace(part, self.folder / "checkpoint.pt")

    def log(self, **values: float) -> None:
        """Append a line of measures to `log.jsonl` and show it."""
        row = {"step": self.step, "minutes": round(self.elapsed / 60, 2)}
        row.update({name: round(float(value), 4) for name, value in values.items()})
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)


@contextmanager
def with_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> Iterator[None]:
    """Let a model have other weights, such as a run's averaged ones, for as long as they are measured."""
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(dict(weights))
    try:
        yield
    finally:
        model.load_state_dict(kept)


def autocast(device: torch.device) -> torch.autocast:
    """Autocast to bfloat16 where that is faster: on CUDA, and on a CPU that multiplies it in hardware.

    Others emulate it, many times slower than float32.
    """
    fast = device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def export(weights: Mapping[str, Tensor], file: Path, *, dtype: torch.dtype = torch.float16) -> None:
    """Write weights as safetensors, in half precision by default."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(save({name: value.to(dtype).contiguous() for name, value in weights.items()}))


def read_config(file: Path, name: str) -> dict[str, Any]:
    """One named configuration of scripts/train/configs.yaml."""
    import yaml

    values: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))[name]
    return values
