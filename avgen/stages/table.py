"""The stages of a clip: the one place that knows their names, their order and what each depends on.

A stage's function gets exactly what its entry declares and nothing else, so that all it depends on is in the
key of its result. Functions are named, not imported: planning and `--help` need neither numpy nor torch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from avgen.actors.components import BODY, GESTURES
from avgen.stages.stage import (
    ADVANCE,
    CHANNEL,
    CHUNK,
    CONVERSATION,
    CUES,
    DEVICE,
    FRAMES,
    LAYOUT,
    OTHERS,
    PARTNER_FEATURES,
    PARTNER_SECONDS,
    PARTNER_SOUND,
    PARTNER_VIDEO,
    PARTS,
    PATH,
    RECORDING,
    SCRIPT,
    SEED,
    SOUND_FILE,
    TAGS,
    TRANSCRIPT,
    VIEW,
    VOICE,
    Stage,
)

if TYPE_CHECKING:
    from avgen.config import RenderConfig

_STANDARD_STEPS: Final = 7
_STANDARD_PIXELS: Final = 512 * 512 * 30


def _pixels(config: RenderConfig) -> float:
    """Pixels a second in multiples of the standard preset's."""
    return config.width * config.height * config.fps / _STANDARD_PIXELS


def _track_bytes(config: RenderConfig) -> float:
    """Bytes per second of an encoded picture track."""
    return 30_000 * max(1.0, _pixels(config))


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
    version=3,
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
    version=3,
    run="avgen.stages.converse:converse",
    settings=("emotion", "speaking_rate", "sentence_silence", "turn_gap"),
    given=(CONVERSATION,),
    packages=_SCRIPT_TO_TOKENS.packages,
    disk=_SCRIPT_TO_TOKENS.disk,
)
_TOKENS_TO_CODES: Final = Stage(
    name="sample",
    result="codes",
    version=7,
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
    version=8,
    run=_TOKENS_TO_CODES.run,
    upstream=("tokenize",),
    slots=("flow", "head_vae", "extractor"),
    settings=_TOKENS_TO_CODES.settings,
    given=(RECORDING, SEED, ADVANCE),
    packages=("torch", "numpy", "torchaudio", "soundfile"),
    cost=_TOKENS_TO_CODES.cost,
    disk=_TOKENS_TO_CODES.disk,
)
_SOUND_TO_MOTION: Final = Stage(
    name="move",
    result="codes",
    version=1,
    run="avgen.stages.move:move",
    upstream=("sample", "vocode"),
    slots=("motion", "avatar"),
    given=(SEED, ADVANCE),
    only_with="motion",
    packages=("torch", "numpy", "torchaudio"),
    cost=lambda config: 8.0,
    disk=lambda config: 160_000,
)
_CODES_TO_GESTURES: Final = Stage(
    name="gesture",
    result="codes",
    version=3,
    run="avgen.stages.gesture:gesture",
    upstream=("move", "tokenize"),
    slots=(BODY, GESTURES),
    settings=("gestures", "emotion"),
    given=(SEED,),
    only_for="gestures",
    only_with=BODY,
    only_seen=True,
    packages=("torch", "numpy"),
    cost=lambda config: 0.02,
    disk=lambda config: 68_000,
)
_RECORDING_TO_GESTURES: Final = replace(
    _CODES_TO_GESTURES,
    given=(*_CODES_TO_GESTURES.given, RECORDING),
    packages=(*_CODES_TO_GESTURES.packages, "torchaudio", "soundfile"),
)
_CODES_TO_CODES: Final = Stage(
    name="style",
    result="codes",
    version=1,
    run="avgen.stages.style:restyle",
    upstream=("gesture",),
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
    version=8,
    run="avgen.stages.render:render",
    upstream=("style",),
    slots=("avatar",),
    settings=("fps", "width", "height", "background", "format", "crf", "encoder_speed"),
    given=(DEVICE, VIEW, PATH, FRAMES, ADVANCE, CHUNK),
    packages=("numba", "llvmlite", "numpy", "torch", "easypytorch3d", "imageio-ffmpeg"),
    cost=lambda config: 0.1 + 0.6 * _pixels(config),
    disk=_track_bytes,
)
_MUX: Final = Stage(
    name="mux",
    result="video",
    version=3,
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
    version=3,
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
    version=2,
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
    version=3,
    run="avgen.stages.listen:attend",
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
_SPOKEN: Final = (
    _TOKENS_TO_CODES,
    _CODES_TO_SOUND,
    _SOUND_TO_MOTION,
    _CODES_TO_GESTURES,
    _CODES_TO_CODES,
    _CODES_TO_PICTURE,
    _MUX,
)
_ATTENTIVE: Final = "listening"
"""The road whose tokens already answer the partner."""
_PLAIN: Final[Mapping[str, tuple[Stage, ...]]] = {
    "text": (_SCRIPT_TO_TOKENS, *_SPOKEN),
    "subtitles": (_SUBTITLES_TO_TOKENS, *_SPOKEN),
    "dialogue": (_DIALOGUE_TO_TOKENS, *_SPOKEN),
    "scene": (_PICTURES_TO_PICTURE, _MUX_SCENE),
    "recording": (
        _RECORDING_TO_TOKENS,
        _RECORDING_TO_CODES,
        _RECORDING_TO_SOUND,
        _SOUND_TO_MOTION,
        _RECORDING_TO_GESTURES,
        _CODES_TO_CODES,
        _CODES_TO_PICTURE,
        _MUX_RECORDING,
    ),
    _ATTENTIVE: (_LISTENING_TO_TOKENS, *_SPOKEN),
}
TALKING: Final = ("text", "subtitles", "recording", _ATTENTIVE)
"""Roads whose actor may talk with somebody in a file."""


def with_partner(road: str) -> str:
    """Return the name of a road where there is a partner."""
    return f"{road}+partner"


def with_ears(road: str) -> str:
    """Return the name of a road where there is a partner, to whom the actor's flow has learnt to listen."""
    return f"{road}+listen"


def _beside_partner(stage: Stage, road: str) -> Stage:
    """A stage where there is a partner, whom one nods or moves to, and whose sound may be in the video."""
    answers = stage.name == _TOKENS_TO_CODES.name and road != _ATTENTIVE
    if stage is _SOUND_TO_MOTION or answers:
        return replace(stage, given=(*stage.given, PARTNER_SOUND))
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
        yield stage


_WITH_PARTNER: Final = {
    with_partner(name): tuple(_beside_partner(stage, name) for stage in _PLAIN[name]) for name in TALKING
}
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
FLOW_STAGES: Final = (_SCRIPT_TO_TOKENS.name, _TOKENS_TO_CODES.name)
"""Stages that make speech and motion jointly."""
TAKE_STAGE: Final = _SOUND_TO_MOTION.name
"""Clips with the same key of this stage are pictures of one take: the same speech and motion, in a style."""
ALWAYS: Final = tuple(stage.name for stage in ROADS["text"] if not (stage.only_for or stage.only_with))
"""Stages that have something to do for every clip."""
PICTURE_STAGE: Final = _CODES_TO_PICTURE.name
"""The first stage that pictures of one take do not share."""
KEPT: Final = {stage.result: stage.name for stage in ROADS["text"] if not stage.is_file}
"""The stages whose results are values, by the name of the result; where several make it, the last."""


def downstream(stage: str | None, idle: Collection[str] = ()) -> frozenset[str]:
    """Return a stage and everything that is made from its result; nothing for None.

    Args:
        stage: its name.
        idle: stages that have nothing to do.
    """
    names = {stage} if stage else set()
    for road in ROADS.values():
        for later in road:
            if names & set(later.reads(idle)):
                names.add(later.name)
    return frozenset(names)
