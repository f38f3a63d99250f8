"""The middle level for Python: an actor that stays loaded, and the takes it speaks, in memory.

actor = avgen.load_actor("mira")
take = actor.speak("Hello, I am here.", seed=1)
take.save("hello.mp4")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from avgen.actors.actor import Actor, check_files, find_actor
from avgen.actors.components import Models, check_kinds
from avgen.config import FORMATS, RenderConfig, load_preset
from avgen.errors import ActorError, InputError, OutputError
from avgen.exports import Material, parse_exports, write_export
from avgen.files import part_file, publish
from avgen.inputs.clips import Clip, Recording, Scene, Text, clean
from avgen.pipeline import ClipRun
from avgen.stages.compose import of_scene
from avgen.stages.spec import ClipSpec, check_source, stage_keys
from avgen.stages.table import KEPT, TAKE_STAGE
from avgen.takes.cache import Cache, default_root
from avgen.takes.folder import recall
from avgen.takes.layout import state_folder
from avgen.takes.receipts import objection, read_receipt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from avgen.live import Live
    from avgen.tracks import Codes
    from avgen.types import Tokens, Waveform


def load_actor(name: str | PathLike[str] = "mira", device: str = "cpu") -> Performer:
    """Load an actor.

    Args:
        name: of the actor, or its folder.
        device: `cpu`, or `cuda` for the first GPU that this process sees.

    Raises:
        ActorError: if there is no such actor, or its files are not whole.
    """
    actor = find_actor(str(name))
    check_kinds(actor)
    check_files(actor)
    return Performer(actor, Models(actor, device))


class Performer:
    """An actor whose models stay loaded: each is read when it is first needed.

    Attributes:
        actor: its description.
        models: its components by slot, such as `models["flow"]`.
    """

    def __init__(self, actor: Actor, models: Models) -> None:
        self.actor = actor
        self.models = models

    def speak(
        self,
        text: str,
        *,
        partner: str | PathLike[str] | None = None,
        seed: int = 0,
        preset: str = "standard",
        **settings: Any,
    ) -> Take:
        """Speak a script; the same as `avgen.render(text=...)` makes with the same seed.

        Args:
            text: the script, with marks as in a file.
            partner: sound or video of the one whom the actor talks with.
            seed: another seed is another take.
            preset: name, or path of a .yaml file.
            **settings: fields of `avgen.config.RenderConfig`, or `size`, that replace the preset's.

        Raises:
            InputError: if the text cannot be spoken, or a setting is wrong.
        """
        return self._take(Clip("text", Text(clean(text, "text"), "text")), partner, seed, preset, settings)

    def follow(
        self,
        recording: str | PathLike[str],
        *,
        transcript: str | None = None,
        partner: str | PathLike[str] | None = None,
        speaker_channel: str | None = None,
        seed: int = 0,
        preset: str = "standard",
        **settings: Any,
    ) -> Take:
        """Move to recorded speech; other arguments as in `speak`.

        Args:
            recording: sound file.
            transcript: what is said in it, if that is known; `auto` to recognise it (`avgen[evaluate]`).
            partner: as in `speak`.
            speaker_channel: `left` or `right`, on which the actor speaks; the other one is the partner's.
            seed: another seed is another take.
            preset: name, or path of a .yaml file.
            **settings: as in `speak`.

        Raises:
            InputError: if the recording cannot be used, or a setting is wrong.
        """
        from avgen.inputs.manifest import recording as clip_of
        from avgen.inputs.talking import on_channel
        from avgen.speech.recognition import RECOGNISE

        path = Path(recording)
        recognised = RECOGNISE if transcript == RECOGNISE else None
        source = cast(Recording, clip_of(path.stem, path, str(path), recognised).source)
        if transcript is not None and not recognised:
            source = replace(source, transcript=Text(clean(transcript, "transcript"), "transcript"))
        clip = Clip("text", source)
        if speaker_channel is not None:
            clip = on_channel(clip, speaker_channel)
        return self._take(clip, partner, seed, preset, settings)

    def listen(
        self, partner: str | PathLike[str], *, seed: int = 0, preset: str = "standard", **settings: Any
    ) -> Take:
        """Listen to somebody, from the start to the end of a file; other arguments as in `speak`.

        Args:
            partner: sound or video of whoever speaks.
            seed: another seed is another take.
            preset: name, or path of a .yaml file.
            **settings: as in `speak`.

        Raises:
            InputError: if the file cannot be used, or a setting is wrong.
        """
        from avgen.inputs.talking import listening

        clip = listening("text", Path(partner), str(partner))
        return self._take(clip, None, seed, preset, settings)

    def live(self, *, seed: int = 0, preset: str = "standard", **settings: Any) -> Live:
        """Listen to somebody while they speak; other arguments as in `speak`.

        Args:
            seed: of the motion.
            preset: name, or path of a .yaml file.
            **settings: as in `speak`.

        Raises:
            ActorError: if the actor has not learnt to listen.
            InputError: if a setting is wrong.
        """
        from avgen.live import Live

        return Live(self.actor, self.models, load_preset(preset).override(settings), seed)

    def _take(
        self,
        clip: Clip,
        partner: str | PathLike[str] | None,
        seed: int,
        preset: str,
        settings: Mapping[str, Any],
    ) -> Take:
        from avgen.inputs.talking import talking

        if partner is not None:
            clip = talking(clip, Path(partner))
        config = load_preset(preset).override(settings)
        self.actor.shares(config.voice)  # an unknown voice is refused here
        spec = ClipSpec(clip, self.actor, config, seed, Path("take"), self.models.device)
        check_source(spec)
        return Take(spec, self.models)


def open_take(video: str | PathLike[str], performer: Performer | None = None) -> Take:
    """Open what a finished video was made of, without making any of it again.

    Args:
        video: a file that avgen wrote, with its receipt in `.avgen` beside it.
        performer: its actor, if it is loaded.

    Raises:
        InputError: if it has no receipt, or the cache does not hold any more what it was made of.
        ActorError: if its actor is not here, or has other weights now.
    """
    from avgen.inputs.talking import on_channel

    path = Path(video)
    receipt = read_receipt(path)
    if receipt is None:
        raise InputError(f"{path}: there is no receipt of it in {state_folder(path.parent)}.")
    performer = performer or load_actor(receipt.actor)
    weights = {part.slot: part.sha256 for part in performer.actor.components.values()}
    if weights != receipt.weights:
        raise ActorError(f"{path}: actor {receipt.actor} has other weights now. Render it again.")
    said = Text(receipt.text, receipt.source)
    source: Text | Recording = said
    if receipt.road == Recording.road:
        sound = path.parent / receipt.source
        source = Recording(sound, receipt.source_sha256, receipt.source, said if receipt.text else None)
    clip = Clip(receipt.clip, source)
    if receipt.speaker_channel:
        clip = on_channel(clip, receipt.speaker_channel)
    spec = ClipSpec(
        clip,
        performer.actor,
        RenderConfig.from_json(receipt.settings),
        receipt.seed,
        path,
    )
    take = Take(spec, performer.models)
    found = _recalled(path, receipt.results)
    take.run.results |= {KEPT[name]: value for name, value in found.items()}
    if spec.idle >= {"gesture", "style"}:
        take.run.results[TAKE_STAGE] = found["codes"]
    return take


def open_scene(video: str | PathLike[str]) -> Material:
    """Open what exports of a dialogue's scene are made of, without making any of it again.

    Args:
        video: a file that avgen wrote, with its receipt in `.avgen` beside it.

    Raises:
        InputError: if it has no receipt of a scene, or the cache does not hold any more what it was made of.
        ActorError: if an actor is not here any more.
    """
    path = Path(video)
    receipt = read_receipt(path)
    if receipt is None or receipt.road != Scene.road or not receipt.people:
        raise InputError(f"{path}: there is no receipt of a scene in {state_folder(path.parent)}.")
    settings = dict(receipt.settings)
    layout = str(settings.pop("layout"))
    config, actor = RenderConfig.from_json(settings), find_actor(receipt.actor.split(", ")[0])
    people = {
        name: Material(
            name=path.stem,
            actor=actor,
            config=config,
            view=actor.view(),
            **_recalled(path, results),
            load_avatar=lambda: Models(actor).figure(actor.view()),
            video=path,
        )
        for name, results in receipt.people.items()
    }
    return of_scene(path.stem, layout, people)


def _recalled(video: Path, results: Mapping[str, str]) -> dict[str, Any]:
    """The tokens, codes and waveform that a video was made of.

    Raises:
        InputError: if the cache has lost some.
    """
    found = recall(results, Cache(default_root()))
    if missing := KEPT.keys() - found.keys():
        raise InputError(
            f"{video}: its {', '.join(sorted(missing))} are not in the cache any more. Make them again: the "
            "same avgen render command with --force"
        )
    return {name: found[name] for name in KEPT}


class Take:
    """One performance, in memory; each part is made when it is first asked for.

    Attributes:
        spec: what it is a take of.
        run: makes its parts.
    """

    def __init__(self, spec: ClipSpec, models: Models) -> None:
        self.spec = spec
        self._models = models
        self.run = ClipRun(spec, models)

    @property
    def tokens(self) -> Tokens:
        """What is said and when."""
        return cast("Tokens", self.run.result(KEPT["tokens"]))

    @property
    def codes(self) -> Codes:
        """Speech and motion."""
        return cast("Codes", self.run.result(KEPT["codes"]))

    @property
    def waveform(self) -> Waveform:
        """The sound."""
        return cast("Waveform", self.run.result(KEPT["waveform"]))

    def frames(self, **settings: Any) -> Iterator[NDArray[np.uint8]]:
        """Draw the take, a chunk of pictures [T, H, W, 3 or 4] at a time.

        Args:
            **settings: `camera`, `size`, `fps`, `background`, `style` and `gestures`, where they differ from
                the take's.

        Raises:
            InputError: if a setting is wrong.
        """
        from avgen.stages.render import chunk_frames, draw

        config = self.spec.config.override(settings)
        size = config.width, config.height
        view = self.spec.actor.view(config.camera)
        avatar = self._models.figure(view)
        renderer = avatar.renderer(self.spec.device, view, size, config.background)
        return draw(self._moved(config), avatar, renderer, config.fps, chunk_frames(*size))

    def _moved(self, config: RenderConfig) -> Codes:
        """The take's speech and motion as other settings show it, in another style or with a body."""
        return cast("Codes", self._rerun(replace(self.spec, config=config)).result(KEPT["codes"]))

    def _rerun(self, spec: ClipSpec) -> ClipRun:
        """A run of another spec that makes nothing of the take anew."""
        keys, own = stage_keys(spec), stage_keys(self.spec)
        run = ClipRun(spec, self._models, keys)
        known = {*KEPT.values(), TAKE_STAGE}
        run.results |= {stage: self.run.result(stage) for stage in known if keys[stage] == own[stage]}
        return run

    def export(self, kind: str, path: str | PathLike[str]) -> Path:
        """Write one file of another kind; `avgen.exports.KINDS` lists them.

        Raises:
            AvgenError: if it cannot be made.
        """
        (kind,) = parse_exports(kind)
        with part_file(Path(path).parent, Path(path).name) as part:
            write_export(kind, self.run.material(self.spec.output), part)
            publish(part, Path(path))
        return Path(path)

    def save(self, path: str | PathLike[str], *, overwrite: bool = False, **settings: Any) -> Path:
        """Write the take as a video with its receipt.

        Args:
            path: an .mp4, .webm or .mov file.
            overwrite: replace a file that avgen did not write.
            **settings: of the picture, `style` and `gestures`, where they differ from those the take was
                made with.

        Raises:
            InputError: if the suffix or a setting is wrong.
            OutputError: if there is another file.
        """
        output = Path(path)
        suffix = output.suffix.lower().removeprefix(".")
        if suffix not in FORMATS:
            raise InputError(
                f"{output}: expected a file that ends in {', '.join(f'.{name}' for name in FORMATS)}."
            )
        config = self.spec.config.override({"format": suffix, **settings})
        spec = replace(self.spec, config=config, output=output)
        if not overwrite and (why := objection(output, spec.source)) is not None:
            raise OutputError(f"{output} exists and {why}. Move it, or give overwrite=True.")
        self._rerun(spec).make()
        return output
