"""The stages of a clip: the one place that knows their names, their order and what each depends on.

A stage's function gets exactly what its entry declares and nothing else, so that all it depends on is in the
key of its result. Functions are named, not imported: planning and `--help` need neither numpy nor torch.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from avgen.actors.components import AVATAR, BODY, ON_DEVICE

if TYPE_CHECKING:
    from avgen.avatars.views import View
    from avgen.config import RenderConfig

SEED, SCRIPT, CUES, RECORDING, TRANSCRIPT = "seed", "script", "cues", "recording", "transcript"
SOUND_FILE, DEVICE, VIEW, VOICE = "sound_file", "device", "view", "voice"
PATH, ADVANCE, CHUNK, TAGS = "path", "advance", "chunk", "tags"
CONVERSATION, OTHERS, PARTS, LAYOUT = "conversation", "others", "parts", "layout"
CHANNEL, PARTNER_SOUND, PARTNER_VIDEO = "channel", "partner_sound", "partner_video"
PARTNER_FEATURES, PARTNER_SECONDS = "partner_features", "partner_seconds"
OF_PARTNER: Final = (PARTNER_SOUND, PARTNER_VIDEO, PARTNER_FEATURES, PARTNER_SECONDS)
OF_RECORDING: Final = (RECORDING, SOUND_FILE)
GIVEN: Final = (
    *(SEED, SCRIPT, CUES, RECORDING, TRANSCRIPT, SOUND_FILE, CONVERSATION, OTHERS, PARTS, LAYOUT),
    *(CHANNEL, *OF_PARTNER),
    *(DEVICE, VIEW, VOICE, PATH, ADVANCE, CHUNK, TAGS),
)
SOURCES: Final = (SCRIPT, CUES, RECORDING, SOUND_FILE, CONVERSATION, LAYOUT)
"""What the runner itself can hand to a stage: the clip's seed; its text or its subtitles, read; its recorded
speech, what is known to be said in it, and its file; the dialogue that it is a part of, read; what the others
in it say and do; what the clips of a scene's people made, and how they share the picture; the channel on
which a recorded actor speaks; where a partner is heard and seen, and for how long; the class of device that
computes; the view that the clip asks for, and the shares of the actor's voices; the file to write; whom to
tell the progress; pictures to draw at once; what a finished file says about itself. SOURCES are what the clip
is made from; of the last four of GIVEN none changes a key but TAGS, by whom the file shows and who agreed."""
_STANDARD_STEPS: Final = 7
_STANDARD_PIXELS: Final = 512 * 512 * 30


def _pixels(config: RenderConfig) -> float:
    """Pixels a second in multiples of the standard preset's."""
    return config.width * config.height * config.fps / _STANDARD_PIXELS


def _track_bytes(config: RenderConfig) -> float:
    """Bytes per second of an encoded picture track."""
    return 30_000 * max(1.0, _pixels(config))


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on a clip's road.

    Attributes:
        name: of the stage.
        result: name of what it makes: later stages get it under this name.
        version: raised by hand whenever the same inputs give another result.
        run: its function, as `module:name`.
        upstream: stages whose results it reads.
        slots: components of the actor it uses; an `avatar` that is given a view has the actor's body where
            the view shows it.
        settings: fields of RenderConfig it reads.
        traits: attributes of the actor it reads.
        given: what it gets from the runner, of GIVEN.
        only_for: setting without which it has nothing to do: its result is then that of the first of
            `upstream`, under the same key.
        packages: distributions whose version can change its numbers.
        cost: seconds of work per second of video, on two cores without a GPU (scripts/bench/CLIP.md).
        disk: bytes per second of video that its result takes.
    """

    name: str
    result: str
    version: int
    run: str
    upstream: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    only_for: str = ""
    packages: tuple[str, ...] = ()
    cost: Callable[[RenderConfig], float] = lambda config: 0.01
    disk: Callable[[RenderConfig], float] = lambda config: 0.0

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself."""
        module, name = self.run.split(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found

    def idle(self, config: RenderConfig) -> bool:
        """Whether it has nothing to do."""
        return bool(self.only_for) and not getattr(config, self.only_for)

    def slots_for(self, view: View) -> tuple[str, ...]:
        """Components whose files its result depends on, for a view."""
        draws_body = view.shows_body and AVATAR in self.slots and VIEW in self.given
        return (*self.slots, BODY) if draws_body else self.slots

    @property
    def on_device(self) -> bool:
        """Whether the device of the clip computes any of it, rather than the CPU."""
        return DEVICE in self.given or any(slot in ON_DEVICE for slot in self.slots)

    @property
    def reads_text(self) -> bool:
        """Whether it reads what is written: a script, subtitles, or a transcript."""
        return not {SCRIPT, CUES, TRANSCRIPT, CONVERSATION}.isdisjoint(self.given)

    @property
    def is_file(self) -> bool:
        """Whether its result is a file that it writes itself."""
        return PATH in self.given


_SCRIPT_TO_TOKENS: Final = Stage(
    name="tokenize",
    result="tokens",
    version=6,
    run="avgen.stages.tokenize:tokenize",
    slots=("text_to_tokens",),
    settings=("emotion", "speaking_rate", "sentence_silence"),
    traits=("voice_names",),
    given=(SCRIPT, SEED, VOICE),
    packages=("torch", "numpy", "hibari-tts"),
    disk=lambda config: 31_000,
)
_RECORDING_TO_TOKENS: Final = Stage(
    name="tokenize",
    result="tokens",
    version=2,
    run="avgen.stages.extract:extract",
    slots=("extractor",),
    given=(RECORDING, TRANSCRIPT),
    packages=("torch", "numpy", "torchaudio", "soundfile", "hibari-tts"),
    cost=lambda config: 0.04,
    disk=lambda config: 31_000,
)
_SUBTITLES_TO_TOKENS: Final = Stage(
    name="tokenize",
    result="tokens",
    version=2,
    run="avgen.stages.dub:dub",
    slots=("text_to_tokens",),
    settings=("emotion", "speaking_rate"),
    traits=_SCRIPT_TO_TOKENS.traits,
    given=(CUES, SEED, VOICE),
    packages=_SCRIPT_TO_TOKENS.packages,
    disk=_SCRIPT_TO_TOKENS.disk,
)
_DIALOGUE_TO_TOKENS: Final = Stage(
    name="tokenize",
    result="tokens",
    version=1,
    run="avgen.stages.converse:converse",
    settings=("emotion", "speaking_rate", "sentence_silence", "turn_gap"),
    given=(CONVERSATION,),
    packages=_SCRIPT_TO_TOKENS.packages,
    disk=_SCRIPT_TO_TOKENS.disk,
)
_TOKENS_TO_CODES: Final = Stage(
    name="sample",
    result="codes",
    version=6,
    run="avgen.stages.sample:sample",
    upstream=("tokenize",),
    slots=("flow", "head_vae"),
    settings=("steps", "temperature", "guidance_scale", "emotion"),
    given=(SEED, VOICE, ADVANCE),
    packages=("torch", "numpy"),
    cost=lambda config: 0.17 * config.steps / _STANDARD_STEPS,
    disk=lambda config: 47_000,
)
_RECORDING_TO_CODES: Final = Stage(
    name="sample",
    result="codes",
    version=7,
    run=_TOKENS_TO_CODES.run,
    upstream=("tokenize",),
    slots=("flow", "head_vae", "extractor"),
    settings=_TOKENS_TO_CODES.settings,
    given=(RECORDING, SEED, ADVANCE),
    packages=("torch", "numpy", "torchaudio", "soundfile"),
    cost=_TOKENS_TO_CODES.cost,
    disk=_TOKENS_TO_CODES.disk,
)
_CODES_TO_CODES: Final = Stage(
    name="style",
    result="codes",
    version=1,
    run="avgen.stages.style:restyle",
    upstream=("sample",),
    slots=("avatar",),
    settings=("style",),
    only_for="style",
    packages=("numpy",),
    cost=lambda config: 0.01 if config.style else 0.0,
    disk=lambda config: 47_000 if config.style else 0.0,
)
_CODES_TO_SOUND: Final = Stage(
    name="vocode",
    result="waveform",
    version=4,
    run="avgen.stages.vocode:vocode",
    upstream=("tokenize", "sample"),
    slots=("vocoder",),
    settings=("emotion",),
    traits=("speech_gain_db", "mean_pitches"),
    given=(SEED, VOICE),
    packages=("torch", "numpy"),
    disk=lambda config: 88_200,
)
_RECORDING_TO_SOUND: Final = Stage(
    name="vocode",
    result="waveform",
    version=1,
    run="avgen.stages.vocode:own_sound",
    given=(RECORDING,),
    packages=("torchaudio", "soundfile"),
    disk=_CODES_TO_SOUND.disk,
)
_CODES_TO_PICTURE: Final = Stage(
    name="render",
    result="picture",
    version=7,
    run="avgen.stages.render:render",
    upstream=("style",),
    slots=("avatar",),
    settings=("fps", "width", "height", "background", "format", "crf", "encoder_speed"),
    given=(DEVICE, VIEW, PATH, ADVANCE, CHUNK),
    packages=("numba", "llvmlite", "numpy", "torch", "easypytorch3d", "imageio-ffmpeg"),
    cost=lambda config: 0.1 + 0.6 * _pixels(config),
    disk=_track_bytes,
)
_MUX: Final = Stage(
    name="mux",
    result="video",
    version=2,
    run="avgen.stages.mux:mux",
    upstream=("vocode", "render"),
    settings=("fps", "format", "loudness"),
    traits=("title",),
    given=(PATH, TAGS),
    packages=("imageio-ffmpeg", "numpy"),
    cost=lambda config: 0.02,
    disk=lambda config: _track_bytes(config) + 24_000,
)
_MUX_RECORDING: Final = Stage(
    name="mux",
    result="video",
    version=2,
    run=_MUX.run,
    upstream=_MUX.upstream,
    settings=_MUX.settings,
    traits=_MUX.traits,
    given=(SOUND_FILE, PATH, TAGS),
    packages=(*_MUX.packages, "soundfile"),
    cost=_MUX.cost,
    disk=_MUX.disk,
)
_PICTURES_TO_PICTURE: Final = Stage(
    name="render",
    result="picture",
    version=1,
    run="avgen.stages.compose:compose",
    settings=("fps", "width", "height", "format", "crf", "encoder_speed"),
    given=(PARTS, LAYOUT, PATH),
    packages=("imageio-ffmpeg", "numpy"),
    cost=lambda config: 0.2 * _pixels(config),
    disk=_track_bytes,
)
_MUX_SCENE: Final = Stage(
    name="mux",
    result="video",
    version=1,
    run="avgen.stages.compose:mux_scene",
    upstream=("render",),
    settings=(*_MUX.settings, "mix"),
    given=(PARTS, PATH, TAGS),
    packages=_MUX.packages,
    cost=_MUX.cost,
    disk=_MUX.disk,
)
_LISTENING_TO_TOKENS: Final = Stage(
    name="tokenize",
    result="tokens",
    version=1,
    run="avgen.stages.listen:attend_and_nod",
    slots=("text_to_tokens",),
    settings=("emotion",),
    traits=_SCRIPT_TO_TOKENS.traits,
    given=(PARTNER_SOUND, PARTNER_SECONDS, SEED, VOICE),
    packages=(*_SCRIPT_TO_TOKENS.packages, "torchaudio", "soundfile"),
    disk=_SCRIPT_TO_TOKENS.disk,
)
_LISTEN: Final = Stage(
    name="listen",
    result="partner",
    version=1,
    run="avgen.stages.listen:listen",
    slots=("extractor",),
    traits=("face_channels",),
    given=(PARTNER_SOUND, PARTNER_VIDEO, PARTNER_FEATURES),
    packages=("torch", "numpy", "torchaudio", "soundfile", "mediapipe"),
    cost=lambda config: 0.4,
    disk=lambda config: 50_000,
)
_OVERHEAR: Final = replace(
    _LISTEN,
    run="avgen.stages.overhear:overhear",
    slots=(),
    traits=("face_channels", "label_set"),
    given=(OTHERS,),
    packages=("numpy",),
    cost=_TOKENS_TO_CODES.cost,
)
_SPOKEN: Final = (_CODES_TO_SOUND, _CODES_TO_PICTURE, _MUX)
_PLAIN: Final[Mapping[str, tuple[Stage, ...]]] = {
    "text": (_SCRIPT_TO_TOKENS, _TOKENS_TO_CODES, _CODES_TO_CODES, *_SPOKEN),
    "subtitles": (_SUBTITLES_TO_TOKENS, _TOKENS_TO_CODES, _CODES_TO_CODES, *_SPOKEN),
    "dialogue": (_DIALOGUE_TO_TOKENS, _TOKENS_TO_CODES, _CODES_TO_CODES, *_SPOKEN),
    "scene": (_PICTURES_TO_PICTURE, _MUX_SCENE),
    "recording": (
        _RECORDING_TO_TOKENS,
        _RECORDING_TO_CODES,
        _CODES_TO_CODES,
        _RECORDING_TO_SOUND,
        _CODES_TO_PICTURE,
        _MUX_RECORDING,
    ),
    "listening": (_LISTENING_TO_TOKENS, _TOKENS_TO_CODES, _CODES_TO_CODES, *_SPOKEN),
}
TALKING: Final = ("text", "subtitles", "recording", "listening")
"""Roads whose actor may talk with somebody in a file."""


def with_partner(road: str) -> str:
    """Return the name of a road where there is a partner."""
    return f"{road}+partner"


def with_ears(road: str) -> str:
    """Return the name of a road where there is a partner, to whom the actor's flow has learnt to listen."""
    return f"{road}+listen"


def _beside_partner(stage: Stage) -> Stage:
    """A stage where there is a partner, whose sound may be in the video."""
    if stage.name != _MUX.name:
        return stage
    given = (*stage.given, PARTNER_SOUND, *((CHANNEL,) if SOUND_FILE in stage.given else ()))
    return replace(stage, given=given, settings=(*stage.settings, "mix", "sound"))


def _listening(road: Iterable[Stage], listen: Stage = _LISTEN) -> Iterator[Stage]:
    """Stages of a road on which the flow listens."""
    for stage in road:
        if stage.name == _TOKENS_TO_CODES.name:
            yield listen
            stage = replace(stage, upstream=(*stage.upstream, _LISTEN.name))
        yield replace(stage, run="avgen.stages.listen:attend") if stage is _LISTENING_TO_TOKENS else stage


_WITH_PARTNER: Final = {with_partner(name): tuple(map(_beside_partner, _PLAIN[name])) for name in TALKING}
_WITH_EARS: Final = {
    **{with_ears(name): tuple(_listening(_WITH_PARTNER[with_partner(name)])) for name in TALKING},
    with_ears("dialogue"): tuple(_listening(_PLAIN["dialogue"], _OVERHEAR)),
}
ROADS: Final[Mapping[str, tuple[Stage, ...]]] = {**_PLAIN, **_WITH_PARTNER, **_WITH_EARS}
"""The stages in order, by what a clip is made from: a recording is listened to, and is its own sound; a scene
is made from the clips of its people."""
STAGE_NAMES: Final = tuple(stage.name for stage in ROADS["text"])
LISTEN_STAGE: Final = _LISTEN.name
"""Besides these, on some roads."""
FINAL_STAGE: Final = _MUX.name
TAKE_STAGE: Final = _TOKENS_TO_CODES.name
"""Clips with the same key of this stage are pictures of one take: the same speech and motion, in a style."""
ALWAYS: Final = tuple(stage.name for stage in ROADS["text"] if not stage.only_for)
"""Stages that have something to do for every clip."""
PICTURE_STAGE: Final = _CODES_TO_PICTURE.name
"""The first stage that pictures of one take do not share."""
KEPT: Final = {stage.result: stage.name for stage in ROADS["text"] if not stage.is_file}
"""The stages whose results are values, by the name of the result; where several make it, the last."""


def downstream(stage: str | None) -> frozenset[str]:
    """Return a stage and everything that is made from its result; nothing for None."""
    names = {stage} if stage else set()
    for road in ROADS.values():
        for later in road:
            if names & set(later.upstream):
                names.add(later.name)
    return frozenset(names)
