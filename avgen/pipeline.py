"""One clip from text to a finished file: each result comes from the cache or from the stages before it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import avgen
from avgen.actors.components import Models
from avgen.emotion import parse_emotion
from avgen.errors import InputError, StageError
from avgen.faults import MIDDLE, fault
from avgen.files import blocks, part_file, publish, sha256_file
from avgen.inputs.clips import Clip
from avgen.stages.table import FINAL_STAGE, ClipSpec, stage_keys, stages_of
from avgen.takes import receipts as provenance
from avgen.takes.cache import Cache

if TYPE_CHECKING:
    from avgen.text import Script
    from avgen.types import Codes, FloatArray, Tokens, Waveform

Value = TypeVar("Value", "Tokens", "Codes", "Waveform")
EventState = Literal["started", "advanced", "finished", "cached"]


@dataclass(frozen=True, slots=True)
class StageEvent:
    """Progress of one stage of one clip.

    Attributes:
        clip: name of the clip.
        stage: name of the stage.
        state: whether it starts, moves on, has ended, or was answered by the cache.
        done: pictures drawn so far (render only).
        total: pictures to draw (render only).
        seconds: the stage took, at its end.
    """

    clip: str
    stage: str
    state: EventState
    done: int = 0
    total: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the event as what JSON can hold."""
        return asdict(self)


Listener = Callable[[StageEvent], None]


@dataclass(frozen=True, slots=True)
class ClipResult:
    """How a clip ended.

    Attributes:
        id: name of the clip.
        output: the MP4.
        status: made now, already there, not made, or not come to because the run was stopped.
        seed: of the run.
        key: content key of the clip.
        frames: number of pictures, 0 if it failed.
        duration: in seconds, 0 if it failed.
        seconds: of work for each stage that ran now, loading of its models included.
        cached: stages whose result came from the cache.
        error: why it failed.
        worker: who made it, or tried last.
        attempts: how often it was tried now.
    """

    id: str
    output: str
    status: Literal["rendered", "unchanged", "failed", "stopped"]
    seed: int
    key: str
    frames: int = 0
    duration: float = 0.0
    seconds: Mapping[str, float] = field(default_factory=dict)
    cached: tuple[str, ...] = ()
    error: str | None = None
    worker: str = ""
    attempts: int = 0


@lru_cache(maxsize=64)
def read_clip(clip: Clip) -> Script:
    """Read a clip's text; lines in error messages are those of its source.

    Raises:
        InputError: naming the line that cannot be spoken.
    """
    from avgen.text import read_script

    return read_script(clip.text, source=clip.source, first_line=clip.first_line)


def run_clip(
    spec: ClipSpec,
    cache: Cache,
    models: Models,
    listen: Listener,
    forced: Collection[str] = (),
    *,
    key: str | None = None,
    chunk: int | None = None,
) -> ClipResult:
    """Make one MP4 and its receipt; a result that a stage made before is not made again.

    Args:
        spec: what to make.
        cache: where results are kept.
        models: the actor's components.
        listen: called with the progress.
        forced: stages that run although their result is known.
        key: content key that the clip had when it was planned.
        chunk: pictures drawn at once, fewer where memory is short.

    Raises:
        AvgenError: if a stage failed or the output could not be written.
    """
    run = _ClipRun(spec, cache, models, listen, forced, chunk)
    if key not in (None, run.keys[FINAL_STAGE]):
        raise StageError(f"actor {spec.actor.name} or a package was changed during the run. Run it again.")
    return run.make()


class _ClipRun:
    def __init__(
        self,
        spec: ClipSpec,
        cache: Cache,
        models: Models,
        listen: Listener,
        forced: Collection[str],
        chunk: int | None,
    ) -> None:
        self.spec = spec
        self.cache = cache
        self.models = models
        self.listen = listen
        self.forced = forced
        self.chunk = chunk
        self.keys = stage_keys(spec)
        self.seconds: dict[str, float] = {}
        self.cached: list[str] = []

    def make(self) -> ClipResult:
        from avgen.media.ffmpeg import mux
        from avgen.stages.mux import soundtrack

        spec, key, fps = self.spec, self.keys[FINAL_STAGE], self.spec.config.fps
        scratch = provenance.receipt_path(spec.output).parent
        with part_file(scratch, f"{spec.name}.picture") as picture:
            waveform = self.waveform  # first: other pictures of this take may be waiting for it
            frames = self.make_picture(picture)
            with self.running("mux"), part_file(scratch, spec.output.name) as part:
                samples = soundtrack(waveform, frames=frames, fps=fps)
                tags = provenance.tags(spec.actor.title, avgen.__version__, key)
                mux(picture, samples, waveform.sample_rate, part, spec.config.format, frames, tags)
                fault("mux", "made", spec.name)
                receipt = self.receipt(sha256_file(part), frames)
                fault("mux", "part", spec.name)
                provenance.write_receipt(spec.output, receipt)
                fault("mux", "content", spec.name)
                publish(part, spec.output)
                fault("mux", "kept", spec.name)
        return ClipResult(
            id=spec.name,
            output=str(spec.output),
            status="rendered",
            seed=spec.seed,
            key=key,
            frames=frames,
            duration=frames / fps,
            seconds=self.seconds,
            cached=tuple(self.cached),
        )

    @cached_property
    def recording(self) -> Waveform | None:
        """The clip's recording, whose file must still be the one that the keys are of."""
        from avgen.speech.audio import read_recording

        clip = self.spec.clip
        if clip.audio is None:
            return None
        recording = read_recording(clip.audio)
        if sha256_file(clip.audio) != clip.audio_sha256:
            raise InputError(f"{clip.audio}: the recording was changed during the run. Run it again.")
        return recording

    @cached_property
    def heard(self) -> FloatArray | None:
        """Mel of the recording, as the actor's models know speech."""
        from avgen.stages.extract import hear

        return None if self.recording is None else hear(self.recording, self.models["extractor"])

    @cached_property
    def tokens(self) -> Tokens:
        from avgen.takes.archive import load_tokens

        if (found := self.recall("tokenize", load_tokens)) is not None:
            return found
        with self.running("tokenize"):
            tokens = self.make_tokens()
            self.keep("tokenize", tokens)
        return tokens

    def make_tokens(self) -> Tokens:
        from avgen.stages.extract import listen
        from avgen.stages.tokenize import tokenize

        if self.heard is not None:
            return listen(self.heard, self.models["extractor"])
        config = self.spec.config
        return tokenize(
            read_clip(self.spec.clip),
            self.models["text_to_tokens"],
            seed=self.spec.clip_seed,
            emotion=parse_emotion(config.emotion),
            speaking_rate=config.speaking_rate,
            sentence_silence=config.sentence_silence,
        )

    @cached_property
    def codes(self) -> Codes:
        from avgen.stages.sample import sample
        from avgen.takes.archive import load_codes

        if (found := self.recall("sample", load_codes)) is not None:
            return found
        tokens, config = self.tokens, self.spec.config
        with self.running("sample"):
            codes = sample(
                tokens,
                self.models["flow"],
                self.models["head_vae"],
                seed=self.spec.clip_seed,
                steps=config.steps,
                temperature=config.temperature,
                guidance_scale=config.guidance_scale,
                emotion=parse_emotion(config.emotion),
                mel=self.heard,
            )
            self.keep("sample", codes)
        return codes

    @cached_property
    def waveform(self) -> Waveform:
        from avgen.takes.archive import load_waveform
        from avgen.types import Waveform

        if (found := self.recall("vocode", load_waveform)) is not None:
            return found
        upstream = self.recording or self.codes
        with self.running("vocode"):
            waveform = upstream if isinstance(upstream, Waveform) else self.speak(upstream)
            self.keep("vocode", waveform)
        return waveform

    def speak(self, codes: Codes) -> Waveform:
        from avgen.stages.sample import emotion_track
        from avgen.stages.vocode import vocode

        return vocode(
            codes,
            self.models["vocoder"],
            seed=self.spec.clip_seed,
            emotion=emotion_track(self.tokens, parse_emotion(self.spec.config.emotion)),
            mean_pitch=self.spec.actor.mean_pitch,
            gain_db=self.spec.actor.speech_gain_db,
        )

    def make_picture(self, path: Path) -> int:
        """Write the encoded picture track, drawn now or copied from the cache; return its frames."""
        from avgen.media.ffmpeg import count_frames

        if (found := self.find("render")) is not None:
            try:
                shutil.copyfile(found, path)
            except FileNotFoundError:
                found = None  # another run's collection took it just now
        if found is not None:
            self.tell("render", "cached")
            return count_frames(path)
        codes = self.codes
        with self.running("render"):
            frames = self.draw(codes, path)
            fault("render", "made", self.spec.name)
            self.cache.put(self.keys["render"], "render", f".{self.spec.config.format}", blocks(path))
        return frames

    def draw(self, codes: Codes, path: Path) -> int:
        from avgen.avatars.create import create_renderer
        from avgen.media.ffmpeg import PictureEncoder
        from avgen.media.formats import Encoding
        from avgen.stages.render import chunk_frames, count_frames, render

        config = self.spec.config
        size = config.width, config.height
        renderer = create_renderer(
            config.renderer, self.models["avatar"], config.camera, *size, config.background
        )
        done, total = 0, count_frames(codes, config.fps)
        encoding = Encoding(
            config.format, config.background == "transparent", config.crf, config.encoder_speed
        )
        with PictureEncoder(path, size, config.fps, encoding) as encoder:
            chunk = self.chunk or chunk_frames(*size)
            for pictures in render(codes, renderer, fps=config.fps, chunk=chunk):
                encoder.write(pictures)
                done += len(pictures)
                self.tell("render", "advanced", done, total)
                fault("render", MIDDLE, self.spec.name)
            frames = encoder.finish()
        if stage_keys(self.spec) != self.keys:
            raise StageError(f"render failed: {config.background} was changed meanwhile. Run it again.")
        return frames

    def receipt(self, sha256: str, frames: int) -> provenance.Receipt:
        spec = self.spec
        packages = {name for stage in stages_of(spec.clip) for name in stage.packages}
        return provenance.Receipt(
            key=self.keys[FINAL_STAGE],
            sha256=sha256,
            frames=frames,
            duration=frames / spec.config.fps,
            clip=spec.clip.id,
            text=spec.clip.text,
            audio=os.path.relpath(spec.clip.audio, spec.output.parent) if spec.clip.audio else "",
            text_sha256=spec.clip.sha256,
            actor=spec.actor.name,
            seed=spec.seed,
            settings=asdict(spec.config),
            weights={part.slot: part.sha256 for part in spec.actor.components.values()},
            versions={
                "avgen": avgen.__version__,
                **{name: provenance.package_version(name) for name in sorted(packages)},
            },
            stages=self.keys,
        )

    def find(self, stage: str) -> Path | None:
        """Return the file that holds a stage's result, unless there is none or it is to be made anew."""
        return None if stage in self.forced else self.cache.get(self.keys[stage])

    def recall(self, stage: str, load: Callable[[bytes], Value]) -> Value | None:
        path = self.find(stage)
        try:
            value = load(path.read_bytes()) if path else None
        except FileNotFoundError:
            return None
        if value is not None:
            self.tell(stage, "cached")
        return value

    def keep(self, stage: str, value: Tokens | Codes | Waveform) -> None:
        from avgen.takes.archive import dump

        fault(stage, "made", self.spec.name)
        self.cache.put(self.keys[stage], stage, ".safetensors", [dump(value)])

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        started = time.monotonic()
        self.tell(stage, "started")
        fault(stage, "start", self.spec.name)
        yield
        self.seconds[stage] = time.monotonic() - started
        self.tell(stage, "finished")
        fault(stage, "end", self.spec.name)

    def tell(self, stage: str, state: EventState, done: int = 0, total: int = 0) -> None:
        if state == "cached":
            self.cached.append(stage)
        seconds = self.seconds.get(stage, 0.0)
        self.listen(StageEvent(self.spec.name, stage, state, done, total, seconds))
