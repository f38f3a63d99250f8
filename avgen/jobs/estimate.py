"""How long a clip will be, how long it will take, and how much disk it needs, before anything runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from avgen.jobs.journal import read_journal
from avgen.stages.table import ClipSpec

CHARACTERS_PER_SECOND: Final = 16.0
"""Of English text as Mira speaks it, pauses between sentences included."""
EDGE_SECONDS: Final = 0.75
"""Silence at the start and the end of a clip."""
WORK: Final = {"tokenize": 0.01, "sample": 0.17, "vocode": 0.01, "render": 0.6, "mux": 0.02}
"""Seconds of work per second of video on two cores without a GPU (scripts/bench/CLIP.md), `sample` at 7
steps, `render` at 512 x 512 and 30 pictures a second."""
DRAWN_ANYHOW: Final = 0.1
"""Seconds of `render` per second of video that do not depend on the number of pixels."""
EVALUATIONS: Final = 7
"""Of the flow."""
PIXELS: Final = 512 * 512 * 30
FILM_BYTES: Final = 30_000
"""Bytes per second of a picture track up to 512 x 512 at 30 pictures a second; more pixels need more."""
SOUND_BYTES: Final = 16_000
CODE_BYTES: Final = 170_000
"""Bytes per second that the cache keeps of tokens, codes and waveform."""
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
        pace: how much slower than WORK this machine is, by stage, from `measured_pace`.
    """
    config, duration = spec.config, guess_duration(spec)
    pixels = config.width * config.height * config.fps / PIXELS
    work = {stage: duration * WORK[stage] for stage in stages}
    if "sample" in work:
        work["sample"] *= config.steps / EVALUATIONS
    if "render" in work:
        work["render"] = duration * (DRAWN_ANYHOW + WORK["render"] * pixels)
    picture = FILM_BYTES * max(1.0, pixels)
    disk = (picture + SOUND_BYTES) * ("mux" in stages) + picture * ("render" in stages)
    disk += CODE_BYTES * ("sample" in stages)
    return Estimate(
        duration,
        {stage: seconds * (pace or {}).get(stage, 1.0) for stage, seconds in work.items()},
        round(duration * disk),
    )


def guess_duration(spec: ClipSpec) -> float:
    """Guess the length of a clip in seconds from the length of its text or the size of its recording."""
    if spec.clip.audio is not None:
        return max(1.0, spec.clip.audio.stat().st_size / RECORDING_BYTES)
    return EDGE_SECONDS + len(spec.clip.text.strip()) / CHARACTERS_PER_SECOND / spec.config.speaking_rate


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
