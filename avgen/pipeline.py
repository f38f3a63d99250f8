"""One clip from its source to a finished file: results come from the cache or from the stages before."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from avgen.actors.components import AVATAR, Models
from avgen.errors import InputError, OutputError, StageError
from avgen.exports import Material
from avgen.files import blocks, part_file, publish, sha256_file
from avgen.inputs.clips import Recording, Scene
from avgen.stages.record import receipt, tags, write_exports
from avgen.stages.sources import (
    read_conversation,
    read_cues,
    read_partner_sound,
    read_sound,
    read_text,
    read_transcript,
)
from avgen.stages.spec import ClipSpec, stage_keys
from avgen.stages.stage import FRAMES, Stage
from avgen.stages.table import FINAL_STAGE, KEPT, PICTURE_STAGE, TAKE_STAGE
from avgen.takes.cache import Cache
from avgen.takes.layout import state_folder
from avgen.takes.receipts import write_receipt

if TYPE_CHECKING:
    from avgen.stages.compose import Contribution
    from avgen.stages.overhear import Other
    from avgen.stages.shoulder import Performed
    from avgen.types import Waveform

EventState = Literal["started", "advanced", "finished", "cached"]


@dataclass(frozen=True, slots=True)
class StageEvent:
    """Progress of one stage of one clip.

    Attributes:
        clip: name of the clip.
        stage: name of the stage.
        state: whether it starts, moves on, has ended, or was answered by the cache.
        done: steps done so far, where a stage tells them (render: pictures).
        total: steps to do.
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


Observer = Callable[[StageEvent], None]


@dataclass(frozen=True, slots=True)
class ClipResult:
    """How a clip ended.

    Attributes:
        id: name of the clip.
        output: the file.
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


def run_clip(
    spec: ClipSpec,
    keys: Mapping[str, str],
    cache: Cache,
    models: Models,
    observe: Observer,
    forced: Collection[str] = (),
    chunk: int | None = None,
) -> ClipResult:
    """Make one file and its receipt; a result that a stage made before is not made again.

    Args:
        spec: what to make.
        keys: content keys of its stages.
        cache: where results are kept.
        models: the actor's components.
        observe: called with the progress.
        forced: stages that run although their result is known.
        chunk: pictures drawn at once, fewer where memory is short.

    Raises:
        AvgenError: if a stage failed or the output could not be written.
    """
    while True:
        try:
            return ClipRun(spec, models, keys, cache, observe, forced, chunk).make()
        except _DoubtError as error:
            forced = {*forced, *error.stages}


class _DoubtError(Exception):
    """A stage failed on results from the cache, which may be whole and yet not what their stages make."""

    def __init__(self, stages: Collection[str]) -> None:
        super().__init__(*stages)
        self.stages = stages


class ClipRun:
    """The results of one clip's stages, each made when it is first asked for."""

    def __init__(
        self,
        spec: ClipSpec,
        models: Models,
        keys: Mapping[str, str] | None = None,
        cache: Cache | None = None,
        observe: Observer = lambda event: None,
        forced: Collection[str] = (),
        chunk: int | None = None,
    ) -> None:
        """Prepare; arguments as in `run_clip`. Without a cache everything is made anew."""
        self.spec = spec
        self.models = models
        self.keys = keys or {}
        self.cache = cache
        self.observe = observe
        self.forced = forced
        self.chunk = chunk
        self.stages = {stage.name: stage for stage in spec.road}
        self.results: dict[str, Any] = {}
        self.paths: dict[str, Path] = {}
        self.seconds: dict[str, float] = {}
        self.cached: list[str] = []

    def make(self) -> ClipResult:
        """Make the file and its receipt, which need the keys."""
        spec, key = self.spec, self.keys[FINAL_STAGE]
        scratch = state_folder(spec.output.parent)
        with ExitStack() as stack:
            for stage in spec.road:
                if stage.is_file:
                    name = spec.output.name if stage.name == FINAL_STAGE else f"{spec.name}.{stage.result}"
                    self.paths[stage.name] = stack.enter_context(part_file(scratch, name))
            if FRAMES in spec.exports:
                self.paths[FRAMES] = stack.enter_context(part_file(scratch, f"{spec.name}.{FRAMES}"))
            for part in self.people:
                picture = f"{spec.name}.{part.spec.name}"
                part.paths[PICTURE_STAGE] = stack.enter_context(part_file(scratch, picture))
            frames = self.result(FINAL_STAGE)
        return ClipResult(
            id=spec.name,
            output=str(spec.output),
            status="rendered",
            seed=spec.seed,
            key=key,
            frames=frames,
            duration=frames / spec.config.fps,
            seconds=self.seconds,
            cached=tuple(self.cached),
        )

    def result(self, name: str) -> Any:
        """What a stage makes: known, from the cache, or made now; of a file its path."""
        if name not in self.results:
            stage = self.stages[name]
            is_idle = stage.name in self.spec.idle
            found = self.result(stage.upstream[0]) if is_idle else self.recall(stage)
            self.results[name] = self.run(stage) if found is None else found
        return self.results[name]

    def run(self, stage: Stage) -> Any:
        """Run a stage on exactly what it declares, and keep its result."""
        upstream = {self.stages[name].result: self.result(name) for name in stage.upstream}
        with self.running(stage):
            made = stage.function(**upstream, **self.inputs(stage))
            if stage.name == FINAL_STAGE:
                self.finish(made)
                return made
            self.keep(stage, made)
        return self.paths[stage.name] if stage.is_file else made

    def inputs(self, stage: Stage) -> dict[str, Any]:
        """All that a stage declares besides what other stages made."""
        spec = self.spec
        return {
            **{slot: self.models[slot] for slot in stage.slots if slot in spec.actor.components},
            **({AVATAR: self.models.figure(spec.view)} if stage.draws_body(spec.view) else {}),
            **{name: getattr(spec.config, name) for name in stage.settings},
            **{name: getattr(spec.actor, name) for name in stage.traits},
            **{name: self.given(name, stage) for name in stage.given},
        }

    def given(self, name: str, stage: Stage) -> Any:
        """What the runner itself hands to a stage under a name of `avgen.stages.stage.GIVEN`."""
        spec, source = self.spec, cast(Any, self.spec.clip.source)
        lexicons, voices = spec.lexicons, spec.actor.voice_names
        values: Mapping[str, Callable[[], Any]] = {
            "seed": lambda: spec.clip_seed,
            "script": lambda: read_text(source, lexicons, voices),
            "cues": lambda: read_cues(source, lexicons, voices),
            "sound_file": lambda: source.path,
            "recording": lambda: self.recording,
            "transcript": lambda: read_transcript(source, lexicons, voices, lambda: self.recording),
            "conversation": lambda: read_conversation(
                source, spec.members, spec.dialogue_seed, self.models.of
            ),
            "channel": lambda: source.channel,
            "partner_sound": lambda: self.partner_sound,
            "partner_video": lambda: source.partner.path if source.partner.is_seen else None,
            "partner_features": lambda: source.partner.features,
            "partner_seconds": lambda: source.partner.seconds,
            "others": lambda: list(self.others()),
            "parts": lambda: [part.contribution() for part in self.people],
            "layout": lambda: source.layout,
            "device": lambda: spec.device,
            "view": lambda: spec.view,
            "voice": lambda: spec.voice,
            "path": lambda: self.paths[stage.name],
            "frames": lambda: self.paths.get(FRAMES),
            "advance": lambda: lambda done, total: self.tell(stage.name, "advanced", done, total),
            "chunk": lambda: self.chunk,
            "tags": lambda: tags(spec, self.keys),
        }
        return values[name]()

    @cached_property
    def recording(self) -> Waveform:
        """The clip's recording."""
        assert isinstance(self.spec.clip.source, Recording)
        return read_sound(self.spec.clip.source)

    @cached_property
    def partner_sound(self) -> Waveform | None:
        """What the clip's partner says, if it is heard."""
        return read_partner_sound(self.spec.clip.source.partner)

    @cached_property
    def people(self) -> tuple[ClipRun, ...]:
        """Of a scene: the clips of its people, which were made before or are made now."""

        def observe(event: StageEvent) -> None:
            if event.state == "advanced":
                self.tell(PICTURE_STAGE, "advanced", event.done, event.total)

        return self._runs(self.spec.parts, observe)

    def _runs(self, specs: Iterable[ClipSpec], observe: Observer = lambda event: None) -> tuple[ClipRun, ...]:
        doubted = [name for name in self.forced if name not in self.stages]
        return tuple(
            ClipRun(one, self.models.of(one.actor), stage_keys(one), self.cache, observe, doubted, self.chunk)
            for one in specs
        )

    def others(self) -> Iterator[Other]:
        """Of a person's part: what the others say and do, made before or now."""
        from avgen.stages.overhear import Other

        for run in self._runs(self.spec.others):
            yield Other(run.result(KEPT["tokens"]), run.result(TAKE_STAGE), run.models[AVATAR])

    def contribution(self) -> Contribution:
        """What this clip gives to a scene."""
        from avgen.stages.compose import Contribution

        tokens, waveform = self.result(KEPT["tokens"]), self.result(KEPT["waveform"])
        return Contribution(tokens, waveform, self.result(PICTURE_STAGE), self.performed)

    def performed(self) -> Performed:
        """What is needed to draw the actor from elsewhere."""
        from avgen.stages.shoulder import Performed

        view = self.spec.actor.view()
        return Performed(self.result(KEPT["codes"]), self.models.figure(view), view, self.spec.device)

    def recall(self, stage: Stage) -> Any | None:
        """A result from the cache; None if it has none, or one that is none, or it is to be made anew."""
        from avgen.takes.archive import FORMS

        if self.cache is None or stage.name in self.forced:
            return None
        if (found := self.cache.get(self.keys[stage.name])) is None:
            return None
        try:
            if stage.is_file:
                value: Any = self.paths[stage.name]
                shutil.copyfile(found, value)
            else:
                value = FORMS[stage.result].load(found.read_bytes())
        except OSError:
            return None  # another run's collection took it just now
        except ValueError:
            self.cache.discard(self.keys[stage.name])
            return None
        self.cached.append(stage.name)
        self.tell(stage.name, "cached")
        return value

    def keep(self, stage: Stage, made: Any) -> None:
        """Put a result into the cache."""
        from avgen.takes.archive import FORMS

        if self.cache is None:
            return
        key, path = self.keys[stage.name], self.paths.get(stage.name)
        if path is None:
            self.cache.put(key, stage.name, ".safetensors", [FORMS[stage.result].dump(made)])
            return
        background = self.spec.config.background
        if background.image is not None and stage_keys(self.spec) != self.keys:
            raise StageError(f"{stage.name} failed: {background} was changed during the run. Run it again.")
        self.cache.put(key, stage.name, f".{self.spec.config.format}", blocks(path))

    def finish(self, frames: int) -> None:
        """Give the finished file its name, and a receipt."""
        part, output = self.paths[FINAL_STAGE], self.spec.output
        kinds = self.spec.exports
        others = write_exports(self.material(part), kinds, output) if kinds else {}
        made = {output.name: sha256_file(part), **others}
        write_receipt(output, receipt(self.spec, self.keys, made, frames))
        publish(part, output)

    def material(self, video: Path) -> Material:
        """What exports are made of; of a scene, what its people's are made of."""
        spec = self.spec
        if isinstance(spec.clip.source, Scene):
            from avgen.stages.compose import of_scene

            people = [part.material(video) for part in self.people]
            named = dict(zip(spec.clip.source.dialogue.names, people, strict=True))
            return of_scene(spec.name, spec.clip.source.layout, named)
        return Material(
            name=spec.name,
            actor=spec.actor,
            config=spec.config,
            view=spec.view,
            tokens=self.result(KEPT["tokens"]),
            codes=self.result(KEPT["codes"]),
            waveform=self.result(KEPT["waveform"]),
            load_avatar=lambda: self.models.figure(spec.view),
            video=video,
            drawn=self.paths.get(FRAMES),
            recorded=isinstance(spec.clip.source, Recording),
            device=spec.device,
        )

    @contextmanager
    def running(self, stage: Stage) -> Iterator[None]:
        """Tell of a stage's start and end; one that fails on what the cache gave casts doubt on that."""
        started = time.monotonic()
        self.tell(stage.name, "started")
        try:
            yield
        except (InputError, OutputError, OSError, MemoryError):
            raise
        except Exception:
            if doubtful := [name for name in stage.upstream if name in self.cached]:
                raise _DoubtError(doubtful) from None
            raise
        self.seconds[stage.name] = time.monotonic() - started
        self.tell(stage.name, "finished")

    def tell(self, stage: str, state: EventState, done: int = 0, total: int = 0) -> None:
        """Tell the observer how a stage gets on."""
        seconds = self.seconds.get(stage, 0.0)
        self.observe(StageEvent(self.spec.name, stage, state, done, total, seconds))
