"""What is known of a rendered file: its sound, and from the cache the codes and tokens it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from avgen.actors.actor import find_actor
from avgen.actors.components import Models
from avgen.body.skeleton import Skeleton
from avgen.errors import ActorError
from avgen.inputs.dialogues import LAUGH, LAUGHS
from avgen.media.soundtrack import read_soundtrack
from avgen.metrics.beats import Beats, motion_beats, onsets
from avgen.metrics.gestures import BodyMotion
from avgen.metrics.motion import facial_motion
from avgen.pose import head_angles
from avgen.speech.mel import mel_spectrogram
from avgen.takes.cache import Cache
from avgen.takes.folder import Finished, read_finished, recall
from avgen.tracks import Codes
from avgen.types import FloatArray, Interval, Tokens

if TYPE_CHECKING:
    from avgen.avatars.mesh.avatar import TexturedMesh


_LOST: Final = (
    "{} are not in the cache any more ({}). Make them again: the same avgen render command with --force"
)


@dataclass(frozen=True)
class Rendered:
    """One rendered file.

    Attributes:
        finished: the file and its receipt.
        tokens: what is said when, None if the cache has lost it.
        codes: speech and motion it was drawn from, None if the cache has lost them.
        avatar: whose codes they are, None if that avatar is not here any more.
        seconds: of work that each stage took, as far as known.
        missing: what is lost and how to get it back, in words.
        people: of a dialogue's scene: what each person says when, from left to right; none if that is lost.
        skeleton: of the actor's body, None if there is none.
    """

    finished: Finished
    tokens: Tokens | None
    codes: Codes | None
    avatar: TexturedMesh | None
    seconds: Mapping[str, float]
    missing: tuple[str, ...]
    people: tuple[Tokens, ...] = ()
    skeleton: Skeleton | None = None

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.finished.output.name

    @property
    def generation(self) -> str:
        """Key that files share which show the same speech and motion from several cameras."""
        return self.finished.receipt.results.get("codes", self.finished.receipt.key)

    @property
    def words(self) -> tuple[Interval, ...]:
        """Words in order, none if the tokens are lost."""
        return self.tokens.words if self.tokens else ()

    @property
    def said(self) -> str:
        """The words as written, without the marks of a script."""
        from avgen.text import read_script

        if self.people:
            heard = sorted((word for one in self.people for word in one.words), key=lambda word: word.start)
            return " ".join(word.label for word in heard if not word.label.startswith(LAUGH))
        text = self.finished.receipt.text
        words = read_script(text).words if text.strip() else ()
        return " ".join(word.text for word in words if LAUGHS not in word.marks)

    @property
    def sound(self) -> FloatArray:
        """[S] samples at 22,050 Hz, decoded each time: many files together would fill memory."""
        return read_soundtrack(self.finished.output)

    @property
    def mel(self) -> FloatArray:
        """[N, 80] natural-log mel of the sound."""
        return mel_spectrogram(self.sound)

    @cached_property
    def onsets(self) -> Beats:
        """Frames of the audio beats."""
        return onsets(self.mel)

    @cached_property
    def face_beats(self) -> Beats:
        """Frames of the beats of mouth and brows, none if codes or avatar are lost."""
        if self.codes is None or self.avatar is None:
            return np.zeros(0, np.int64)
        return motion_beats(facial_motion(self.avatar.codec, self.codes["face"]))

    @cached_property
    def head_beats(self) -> Beats:
        """Frames of the beats of the head, none if the codes are lost."""
        return motion_beats(self.head_angles) if self.codes else np.zeros(0, np.int64)

    @cached_property
    def body(self) -> BodyMotion | None:
        """Motion of trunk, arms and hands, if the file shows them and they are known."""
        if self.codes is None or self.skeleton is None or "body" not in self.codes.tracks:
            return None
        return BodyMotion(self.skeleton, self.codes["body"], self.codes["hands"])

    @property
    def head_angles(self) -> FloatArray:
        """[N, 3] head angles in degrees, no frames if the codes are lost."""
        return head_angles(self.codes["head"]) if self.codes else np.zeros((0, 3), np.float32)


def read_rendered(
    folder: Path,
    cache: Cache,
    models: dict[str, Models],
    seconds: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Rendered]:
    """Gather every file of an output folder.

    Args:
        folder: that `avgen render` wrote to.
        cache: it used.
        models: of the actors seen so far, by name; filled here.
        seconds: of work that each stage of each clip took, by the file's name.

    Raises:
        InputError: the folder has no file with a receipt.
    """
    known = seconds or {}
    return [
        (_gather_scene if one.receipt.people else _gather)(one, cache, models, known.get(one.output.name, {}))
        for one in read_finished(folder)
        if "codes" in one.receipt.results or one.receipt.people
    ]


def _gather(
    finished: Finished, cache: Cache, models: dict[str, Models], seconds: Mapping[str, float]
) -> Rendered:
    receipt, known = finished.receipt, recall(finished.receipt.results, cache)
    missing = [
        _LOST.format(what, cache.root)
        for name, what in (("tokens", "its phoneme times"), ("codes", "its face and head codes"))
        if name not in known
    ]
    avatar = None
    try:
        avatar = _avatar(receipt.actor, receipt.weights.get("avatar"), models)
    except ActorError as error:
        missing.append(str(error))
    return Rendered(
        finished=finished,
        tokens=known.get("tokens"),
        codes=known.get("codes"),
        avatar=avatar,
        seconds=seconds,
        missing=tuple(missing),
        skeleton=_skeleton(receipt.actor, models) if avatar else None,
    )


def _gather_scene(
    finished: Finished, cache: Cache, models: dict[str, Models], seconds: Mapping[str, float]
) -> Rendered:
    known = [recall(results, cache).get("tokens") for results in finished.receipt.people.values()]
    people = tuple(tokens for tokens in known if tokens is not None)
    lost = () if len(people) == len(known) else (_LOST.format("its people's words", cache.root),)
    return Rendered(finished, None, None, None, seconds, lost, () if lost else people)


def _avatar(name: str, sha256: str | None, models: dict[str, Models]) -> TexturedMesh:
    """Return the avatar of an actor.

    Raises:
        ActorError: it is not the one the file was drawn with, or nothing is known of its face's parts.
    """
    if name not in models:
        models[name] = Models(find_actor(name))
    if models[name].actor.components["avatar"].sha256 != sha256:
        raise ActorError(
            f"actor {name} has another avatar now; its face cannot be measured. Render the file again"
        )
    avatar: TexturedMesh = models[name]["avatar"]
    if not hasattr(avatar, "codec"):
        raise ActorError(f"the face of actor {name} has no named parts; lips and lids cannot be measured")
    return avatar


def _skeleton(name: str, models: dict[str, Models]) -> Skeleton | None:
    """Return the skeleton of an actor whose avatar is known, if it has a body."""
    if "body" not in models[name].actor.components:
        return None
    skeleton: Skeleton = models[name]["body"].skeleton
    return skeleton
