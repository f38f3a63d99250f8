"""Clips, and script files: one clip per file, or one per part between `---` lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from avgen.errors import InputError
from avgen.files import read_start, sha256_text
from avgen.inputs.dialogues import Dialogue, Role, Turn, is_dialogue, read_dialogue
from avgen.inputs.partners import PartnerFile
from avgen.inputs.subtitles import Cue

MAX_CHARACTERS: Final = 200_000
"""Longest script of one clip: three to four hours of speech."""
MAX_BYTES: Final = 4 * MAX_CHARACTERS
"""Largest input that is read at all, whatever its clips."""
SEPARATOR: Final = re.compile(r"-{3,}\s*")
SUFFIXES: Final = (".txt", ".ssml", ".md", ".html", "", ".csv", ".jsonl", ".srt", ".vtt")
LAYOUTS: Final = ("side-by-side", "cut", "over-shoulder", "none")
"""How the people of a dialogue share a picture: all beside each other, whoever speaks, the same over the
shoulder of who listens, or not at all."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Text:
    """A script to be spoken.

    Attributes:
        text: lines end in a line feed alone.
        where: it came from, for messages.
        first_line: line of `where` on which it starts, from 1.
        partner: whom the actor talks with, if there is somebody.
    """

    road: ClassVar[str] = "text"
    text: str
    where: str
    first_line: int = 1
    partner: PartnerFile | None = None

    @property
    def sha256(self) -> str:
        """Hash of the text in UTF-8, less the white space around it, which is not heard."""
        return sha256_text(self.text.strip())


@dataclass(frozen=True, slots=True)
class Recording:
    """Speech to be shown as it is.

    Attributes:
        path: the sound file.
        sha256: of its content when it was planned.
        where: it was named, for messages.
        transcript: what is said in it, if that is known.
        recognised: whether what is said in it is to be recognised.
        partner: whom the actor talks with, if there is somebody.
        channel: on which the actor speaks, if the partner is on the other one.
    """

    road: ClassVar[str] = "recording"
    path: Path
    sha256: str
    where: str
    transcript: Text | None = None
    recognised: bool = False
    partner: PartnerFile | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """Lines to be spoken in their own times.

    Attributes:
        cues: in order.
        path: the file.
        where: it was named, for messages.
        partner: whom the actor talks with, if there is somebody.
    """

    road: ClassVar[str] = "subtitles"
    cues: tuple[Cue, ...]
    path: Path
    where: str
    partner: PartnerFile | None = None

    @property
    def sha256(self) -> str:
        """Hash of what is said and when."""
        return sha256_text(json.dumps([[cue.start, cue.end, cue.text] for cue in self.cues]))

    @property
    def text(self) -> str:
        """All that is said."""
        return "\n".join(cue.text for cue in self.cues)


@dataclass(frozen=True, slots=True)
class Listening:
    """Somebody to listen to.

    Attributes:
        partner: who speaks.
        where: the file was named, for messages.
    """

    road: ClassVar[str] = "listening"
    text: ClassVar[str] = ""
    partner: PartnerFile
    where: str

    @property
    def path(self) -> Path:
        """The partner's file."""
        return self.partner.path

    @property
    def sha256(self) -> str:
        """Hash of what is heard and seen."""
        return self.partner.digest


@dataclass(frozen=True, slots=True)
class Part:
    """What one person of a dialogue says, and when that one listens.

    Attributes:
        dialogue: all of it.
        speaker: name of the person's role.
    """

    road: ClassVar[str] = "dialogue"
    partner: ClassVar[None] = None
    dialogue: Dialogue
    speaker: str

    @property
    def where(self) -> str:
        """The dialogue came from, for messages."""
        return self.dialogue.where

    @property
    def sha256(self) -> str:
        """Hash of what everybody says, and of who this is."""
        return self.dialogue.digest(self.speaker)

    @property
    def text(self) -> str:
        """All that is said: the clip is as long as that takes."""
        return self.dialogue.text


@dataclass(frozen=True, slots=True)
class Scene:
    """The people of a dialogue together.

    Attributes:
        dialogue: what they say.
        layout: how they share the picture, one of LAYOUTS; empty before it is chosen.
    """

    road: ClassVar[str] = "scene"
    partner: ClassVar[None] = None
    dialogue: Dialogue
    layout: str = ""

    @property
    def where(self) -> str:
        """The dialogue came from, for messages."""
        return self.dialogue.where

    @property
    def sha256(self) -> str:
        """Hash of what everybody says, and of the layout."""
        return self.dialogue.digest(self.layout)

    @property
    def text(self) -> str:
        """All that is said."""
        return self.dialogue.text


Source = Text | Recording | Subtitles | Listening | Part | Scene


@dataclass(frozen=True, slots=True)
class Clip:
    """One thing to be said or shown.

    Attributes:
        id: names the output file; unique in a run, whatever the case of its letters.
        source: the text, the recording, the subtitles, or the dialogue.
    """

    id: str
    source: Source

    def to_json(self) -> dict[str, Any]:
        """Return the clip as what JSON can hold; paths are absolute."""
        source = asdict(self.source)
        if isinstance(self.source, Recording | Subtitles):
            source["path"] = str(self.source.path.absolute())
        if self.source.partner is not None:
            source["partner"] = self.source.partner.to_json()
        return {"id": self.id, self.source.road: source}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Clip:
        """Restore what `to_json` made."""
        if (text := values.get(Text.road)) is not None:
            return cls(values["id"], Text(**_with_partner(text)))
        if (recording := values.get(Recording.road)) is not None:
            said = recording["transcript"] and Text(**recording["transcript"])
            found = {**_with_partner(recording), "path": Path(recording["path"]), "transcript": said}
            return cls(values["id"], Recording(**found))
        if (listening := values.get(Listening.road)) is not None:
            return cls(values["id"], Listening(**_with_partner(listening)))
        for kind in (Part, Scene):
            if (of := values.get(kind.road)) is not None:
                return cls(values["id"], kind(**{**of, "dialogue": _dialogue(of["dialogue"])}))
        found = values[Subtitles.road]
        cues = tuple(Cue(**cue) for cue in found["cues"])
        partner = PartnerFile.from_json(found["partner"])
        return cls(values["id"], Subtitles(cues, Path(found["path"]), found["where"], partner))


def texts_of(source: Source) -> tuple[Text, ...]:
    """Return the texts that are read of a source: its script, cues or transcript; maybe none."""
    if isinstance(source, Listening):
        return ()
    if isinstance(source, Text):
        return (source,)
    if isinstance(source, Recording):
        return (source.transcript,) if source.transcript else ()
    if isinstance(source, Part | Scene):
        said = source.dialogue.turns
        own = [turn for turn in said if isinstance(source, Scene) or turn.speaker == source.speaker]
        return tuple(Text(turn.script, source.where, turn.line) for turn in own if not turn.is_silent)
    return tuple(Text(cue.text, source.where, cue.line) for cue in source.cues)


def has_words(source: Source) -> bool:
    """Tell whether it will be known what is said in a clip."""
    return bool(texts_of(source)) or (isinstance(source, Recording) and source.recognised)


def split_script(text: str, stem: str, source: str) -> Iterator[Clip]:
    """Split a script at its `---` lines into clips named `stem`, or `stem-01`, `stem-02`, ...

    Raises:
        InputError: if a part has nothing to say or is too long.
    """
    parts: list[tuple[int, list[str]]] = [(1, [])]
    for number, line in enumerate(text.split("\n"), start=1):
        if SEPARATOR.fullmatch(line):
            parts.append((number + 1, []))
        else:
            parts[-1][1].append(line)
    digits = max(2, len(str(len(parts))))
    for index, (first_line, lines) in enumerate(parts, start=1):
        body = "\n".join(lines)
        if not body.strip():
            where = source if len(parts) == 1 else f"{source}: part {index} (line {first_line})"
            raise InputError(f"{where}: there is no text to speak: it is empty or only whitespace.")
        if len(body) > MAX_CHARACTERS:
            raise InputError(
                f"{source}: line {first_line}: the text has {len(body):,} characters, the limit for one "
                f"clip is {MAX_CHARACTERS:,}. Split it into clips with lines of `---`."
            )
        yield script(stem if len(parts) == 1 else f"{stem}-{index:0{digits}d}", body, source, first_line)


def script(name: str, text: str, where: str, first_line: int = 1) -> Clip:
    """Return the clip of a script, which may be a dialogue.

    Raises:
        InputError: naming the line, if a dialogue is wrong.
    """
    if is_dialogue(text):
        return Clip(name, Scene(read_dialogue(name, text, where, first_line)))
    return Clip(name, Text(text, where, first_line))


def _with_partner(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a source, its partner restored from what JSON holds of it."""
    return {**values, "partner": PartnerFile.from_json(values["partner"])}


def _dialogue(values: Mapping[str, Any]) -> Dialogue:
    """Restore a dialogue from what JSON holds of it."""
    roles, turns = (
        tuple(kind(**one) for one in values[key]) for kind, key in ((Role, "roles"), (Turn, "turns"))
    )
    return Dialogue(**{**values, "roles": roles, "turns": turns})


def decode(data: bytes, source: str, limit: int = MAX_BYTES) -> str:
    """Decode UTF-8 text, with or without a byte order mark, and clean it.

    Args:
        data: the bytes.
        source: their name in messages.
        limit: most bytes that are taken.

    Raises:
        InputError: for binary data and other encodings, saying where and how to convert.
    """
    if len(data) > limit:
        raise InputError(
            f"{source}: the input is larger than {limit:,} bytes; the limit for one clip is "
            f"{MAX_CHARACTERS:,} characters. Split it into several files."
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{source}: the text is UTF-16. {_convert('UTF-16', source)}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if b"\0" in data:
            raise InputError(f"{source}: this is a binary file, not text.") from None
        raise InputError(
            f"{source}: line {line}: not UTF-8 text (byte 0x{data[error.start]:02x}). "
            f"{_convert('WINDOWS-1252', source)}"
        ) from None
    return clean(text, source)


def clean(text: str, source: str) -> str:
    """Unify line ends and refuse control characters.

    Raises:
        InputError: naming the line and the character.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        code = ord(control[0])
        raise InputError(
            f"{source}: line {line}: control character U+{code:04X}: this is a binary file, not text."
        )
    return text


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Read a file of text, at most one byte more than `limit`.

    Raises:
        InputError: if it has another suffix, is a folder, or cannot be read.
    """
    from avgen.speech.audio import SUFFIXES as RECORDING_SUFFIXES

    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{path}: expected a script (.txt, .ssml, .md, .html), subtitles (.srt, .vtt), a manifest (.csv, "
            f".jsonl), a recording ({', '.join(RECORDING_SUFFIXES)}), or - (standard input)."
        )
    try:
        if path.is_dir():
            raise InputError(f"{path}: this is a folder. Give its text files, for example: {path}/*.txt")
        return read_start(path, limit + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _convert(encoding: str, source: str) -> str:
    return f"Save it as UTF-8, for example: iconv -f {encoding} -t UTF-8 {source} > utf8.txt"
