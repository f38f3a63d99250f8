"""How long a clip will be, how long it will take, and how much disk it needs, before anything runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from avgen.inputs.clips import Listening, Recording
from avgen.stages.spec import ClipSpec
from avgen.takes.journal import read_journal

EDGE_SECONDS: Final = 0.75
"""Silence at the start and the end of a clip."""
RECORDING_BYTES: Final = 88_200
"""Bytes per second of a recording, taken for 16 bits at 44,100 Hz."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a clip, or several, will cost.

    Attributes:
        duration: of the video, in seconds.
        work: in seconds, by stage.
        disk: bytes of the video and of what the cache keeps.
    """

    duration: float
    work: Mapping[str, float]
    disk: int

    @property
    def seconds(self) -> float:
        """Of all work."""
        return sum(self.work.values())


def estimate(spec: ClipSpec, stages: Collection[str], pace: Mapping[str, float] | None = None) -> Estimate:
    """Estimate what some stages of a clip will cost.

    Args:
        spec: of the clip.
        stages: that would run.
        pace: how much slower than the stages' costs this machine is, by stage, from `measured_pace`.
    """
    duration = guess_duration(spec)
    todo = [stage for stage in spec.road if stage.name in stages]
    work = {
        stage.name: duration * stage.cost(spec.config) * (pace or {}).get(stage.name, 1.0) for stage in todo
    }
    return Estimate(duration, work, round(duration * sum(stage.disk(spec.config) for stage in todo)))


def guess_duration(spec: ClipSpec) -> float:
    """Guess the length of a clip in seconds from the length of its text or the size of its recording."""
    source, config = spec.clip.source, spec.config
    if isinstance(source, Recording):
        return max(1.0, source.path.stat().st_size / RECORDING_BYTES)
    if isinstance(source, Listening):
        return source.partner.seconds
    voices = zip(spec.voice, spec.actor.voices.values(), strict=True)
    pace = config.speaking_rate * sum(share * voice.characters_per_second for share, voice in voices)
    return EDGE_SECONDS + len(source.text.strip()) / pace


def measured_pace(folder: Path) -> dict[str, float]:
    """Return how much longer than estimated each stage took in a folder, as its journal has it."""
    took: defaultdict[str, float] = defaultdict(float)
    expected: defaultdict[str, float] = defaultdict(float)
    for event in read_journal(folder):
        if event["event"] == "made":
            for stage, seconds in event["expected"].items():
                took[stage] += event["seconds"].get(stage, 0.0)
                expected[stage] += seconds
    return {stage: took[stage] / expected[stage] for stage in took if expected[stage]}
