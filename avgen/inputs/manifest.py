"""Inputs of a command become rows: script files, recordings, and manifests that list many clips.

A manifest is CSV or JSON lines; each row is a clip with what it wants otherwise than the command line. Every
mistake is an error that names the file and the line, before any work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from avgen.background import Background
from avgen.config import load_preset
from avgen.errors import InputError
from avgen.files import sha256_file
from avgen.inputs.clips import (
    MAX_CHARACTERS,
    Clip,
    Recording,
    Scene,
    Subtitles,
    Text,
    clean,
    decode,
    read_file,
    script,
    split_script,
)
from avgen.inputs.dialogues import read_rows
from avgen.inputs.names import clip_id, is_id
from avgen.inputs.records import (
    MAX_MANIFEST_BYTES,
    SOURCES,
    column,
    csv_records,
    json_records,
    located,
)
from avgen.inputs.subtitles import SUFFIXES as SUBTITLE_SUFFIXES
from avgen.inputs.subtitles import read_subtitles
from avgen.inputs.talking import listening, on_channel, talking
from avgen.speech.audio import SUFFIXES as AUDIO_SUFFIXES
from avgen.speech.audio import check_recording
from avgen.speech.recognition import RECOGNISE, check_recogniser

InputFormat = Literal["txt", "csv", "jsonl"]
FORMATS: Final = ("txt", "csv", "jsonl")
NUMBERS: Final = {
    **dict.fromkeys(("fps", "steps"), int),
    **dict.fromkeys(
        ("speaking_rate", "sentence_silence", "turn_gap", "temperature", "guidance_scale", "loudness"), float
    ),
}
"""Columns that hold a number."""
MAX_SEED: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """A clip, and what its row asks for instead of the command line.

    Attributes:
        clip: what is said.
        actor: name, or folder.
        preset: name, or file.
        seeds: one take for each.
        cameras: one picture for each.
        settings: fields of RenderConfig, and `size`.
        output: template of the file's name, with `{id}`, `{seed}` and `{camera}`.
        where: file and line of a manifest's row, for messages; empty for scripts.
    """

    clip: Clip
    actor: str | None = None
    preset: str | None = None
    seeds: tuple[int, ...] = ()
    cameras: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    output: str | None = None
    where: str = ""


def read_inputs(
    inputs: Sequence[str],
    stdin: BinaryIO | None = None,
    input_format: InputFormat | None = None,
    listened: Sequence[str] = (),
) -> tuple[Row, ...]:
    """Read every input of a command.

    Args:
        inputs: paths of .txt, .csv, .jsonl or sound files, or `-` for standard input.
        stdin: what `-` reads.
        input_format: of `-`; None to tell by its look.
        listened: paths of sound or video files of people to whom the actor listens.

    Raises:
        InputError: for the first input that cannot become clips.
    """
    rows: list[Row] = []
    for name in inputs:
        path, suffix = Path(name), Path(name).suffix.lower()
        if name == "-":
            rows += _read_stdin(stdin, input_format)
        elif suffix in (".csv", ".jsonl"):
            rows += read_manifest(read_file(path, MAX_MANIFEST_BYTES), name, suffix[1:], path.parent)
        elif suffix in SUBTITLE_SUFFIXES:
            rows.append(Row(subtitles(clip_id(path.stem), path, name)))
        elif suffix in AUDIO_SUFFIXES:
            rows.append(Row(recording(clip_id(path.stem), path, name)))
        else:
            rows += [
                Row(clip) for clip in split_script(decode(read_file(path), name), clip_id(path.stem), name)
            ]
    rows += [Row(listening(clip_id(Path(name).stem), Path(name), name)) for name in listened]
    check_unique(rows)
    return tuple(rows)


def read_manifest(data: bytes, source: str, kind: str, folder: Path) -> list[Row]:
    """Read a CSV or JSON lines manifest.

    Args:
        data: its content.
        source: its name in messages.
        kind: `csv` or `jsonl`.
        folder: that its paths are relative to and must stay in.

    Raises:
        InputError: naming the line.
    """
    text = decode(data, source, MAX_MANIFEST_BYTES)
    records = list(csv_records(text, source) if kind == "csv" else json_records(text, source))
    if any("dialogue" in cells for _, cells in records):
        return _dialogues(records, source)
    rows = []
    for line, cells in records:
        with located(f"{source}: line {line}"):
            rows.append(_row(cells, source, line, folder))
    if not rows:
        raise InputError(f"{source}: there are no rows in this manifest.")
    return rows


def _dialogues(records: Sequence[tuple[int, Mapping[str, str]]], source: str) -> list[Row]:
    """The dialogues whose turns are the rows of a manifest."""
    texts = [clean(cells.get("text", ""), f"{source}: line {line}") for line, cells in records]
    said = [
        {**cells, "text": text} if text else cells for (_, cells), text in zip(records, texts, strict=True)
    ]
    rows = read_rows(zip((line for line, _ in records), said, strict=True), source)
    for one in rows:
        if len(one.text) > MAX_CHARACTERS:
            raise InputError(f"{source}: {one.id} has more than {MAX_CHARACTERS:,} characters, the limit.")
    return [Row(Clip(one.id, Scene(one))) for one in rows]


def recording(name: str, path: Path, where: str, transcript: str | Path | None = None) -> Clip:
    """Return the clip of a sound file, whose header is checked and whose content is hashed.

    Args:
        name: of the clip.
        path: of the sound file.
        where: it was named, for messages.
        transcript: file of what is said in it, or RECOGNISE.

    Raises:
        InputError: if it is no recording that can be used, or there is nothing in the file of what is said.
    """
    check_recording(path)
    if transcript == RECOGNISE:
        check_recogniser()
        return Clip(name, Recording(path, sha256_file(path), where, recognised=True))
    transcript = Path(transcript) if transcript else None
    said = Text(decode(read_file(transcript), str(transcript)), str(transcript)) if transcript else None
    if said is not None and not said.text.strip():
        raise InputError(f"{transcript}: the transcript is empty or only whitespace.")
    return Clip(name, Recording(path, sha256_file(path), where, said))


def with_transcript(rows: Sequence[Row], transcript: str) -> tuple[Row, ...]:
    """Return the row of a single recording whose words are in a file, or rows whose words are recognised.

    Raises:
        InputError: if there is anything else, or the file cannot be read.
    """
    sources = [row.clip.source for row in rows]
    if transcript == RECOGNISE and all(isinstance(source, Recording) for source in sources):
        check_recogniser()
        heard = (replace(source, recognised=True) for source in sources if isinstance(source, Recording))
        clips = (Clip(row.clip.id, source) for row, source in zip(rows, heard, strict=True))
        return tuple(replace(row, clip=clip) for row, clip in zip(rows, clips, strict=True))
    if len(sources) != 1 or not isinstance(sources[0], Recording):
        raise InputError(
            "--transcript is what is said in one recording. For several, a manifest names each one's in its "
            "column transcript."
        )
    (row,), source = rows, sources[0]
    return (replace(row, clip=recording(row.clip.id, source.path, source.where, transcript)),)


def with_speaker_channel(rows: Sequence[Row], channel: str) -> tuple[Row, ...]:
    """Return rows whose recordings have the actor on one channel and the partner on the other.

    Raises:
        InputError: if there is anything but recordings of two channels.
    """
    return tuple(replace(row, clip=on_channel(row.clip, channel)) for row in rows)


def with_partner(rows: Sequence[Row], partner: str) -> tuple[Row, ...]:
    """Return the row of a single clip whose actor talks with somebody in a file.

    Raises:
        InputError: if there are several, or the file cannot be used so.
    """
    if len(rows) != 1:
        raise InputError(
            "--partner is whom the actor of one clip talks with. For several, a manifest names each one's in "
            "its column partner."
        )
    return (replace(rows[0], clip=talking(rows[0].clip, Path(partner))),)


def subtitles(name: str, path: Path, where: str) -> Clip:
    """Return the clip of a subtitle file.

    Raises:
        InputError: naming the line, if it is none.
    """
    return Clip(name, Subtitles(read_subtitles(decode(read_file(path), str(path)), str(path)), path, where))


def check_unique(rows: Sequence[Row]) -> None:
    """Refuse ids that would name the same file, whatever the case of their letters.

    Raises:
        InputError: naming both places.
    """
    seen: dict[str, Row] = {}
    for row in rows:
        other = seen.setdefault(row.clip.id.casefold(), row)
        if other is row:
            continue
        if row.where:
            raise InputError(
                f"{row.where}: id {row.clip.id!r} is the same as in {other.where or other.clip.source.where}."
            )
        raise InputError(
            f"{row.clip.source.where} and {other.where or other.clip.source.where} would both become "
            f"{row.clip.id}.mp4. Rename one of them."
        )


def _read_stdin(stdin: BinaryIO | None, kind: InputFormat | None) -> list[Row]:
    source = "standard input"
    data = stdin.read(MAX_MANIFEST_BYTES + 1) if stdin is not None else b""
    kind = kind or _look(data)
    if kind == "txt":
        return [Row(clip) for clip in split_script(decode(data, source), "stdin", source)]
    return read_manifest(data, source, kind, Path())


def _look(data: bytes) -> InputFormat:
    """Tell a manifest from a script by its first line."""
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0].decode(errors="replace").strip()
    if first.startswith("{") and '"' in first:
        return "jsonl"
    names = {column(name) for name in first.split(",")}
    return "csv" if {"id", "dialogue"} & names and names & set(SOURCES) else "txt"


def _row(cells: Mapping[str, str], source: str, line: int, folder: Path) -> Row:
    words = ("emotion", "voice", "gestures", "style", "size", "mix", "sound")
    settings: dict[str, Any] = {name: cells[name] for name in words if name in cells}
    settings |= {name: _number(name, cells[name], kind) for name, kind in NUMBERS.items() if name in cells}
    if "background" in cells:
        background = Background(cells["background"])
        settings["background"] = (
            background.name if background.image is None else str(inside(folder, background.name))
        )
    actor, preset = cells.get("actor"), cells.get("preset")
    if actor and ("/" in actor or actor.startswith(".")):
        actor = f"{inside(folder, actor)}/"
    if preset and preset.endswith((".yaml", ".yml")):
        preset = str(inside(folder, preset))
        config = load_preset(preset)
        for file in (config.background.image, Path(config.lexicon) if config.lexicon else None):
            if file is not None and not file.resolve().is_relative_to(folder.resolve()):
                raise InputError(f"{preset}: {file}: this path leads out of the manifest's folder.")
    return Row(
        clip=_clip(cells, source, line, folder),
        actor=actor,
        preset=preset,
        seeds=_seeds(cells),
        cameras=tuple(part.strip() for part in cells.get("camera", "").split(";") if part.strip()),
        settings=settings,
        output=cells.get("output"),
        where=f"{source}: line {line}",
    )


def _clip(cells: Mapping[str, str], source: str, line: int, folder: Path) -> Clip:
    clip = _spoken(cells, source, line, folder)
    if "speaker_channel" in cells:
        clip = on_channel(clip, cells["speaker_channel"].lower())
    return talking(clip, inside(folder, cells["partner"])) if "partner" in cells else clip


def _spoken(cells: Mapping[str, str], source: str, line: int, folder: Path) -> Clip:
    name = cells.get("id", "")
    if not is_id(name):
        raise InputError(
            "id: expected 1 to 100 letters, digits, dots, underscores and hyphens, the first a letter or "
            f"digit, got {name[:60]!r}."
        )
    given = [column for column in SOURCES if column in cells]
    if len(given) != 1:
        raise InputError(f"expected one of {', '.join(SOURCES)}, got {' and '.join(given) or 'none'}.")
    value, said = cells[given[0]], cells.get("transcript")
    if given == ["audio"]:
        transcript = inside(folder, said) if said and said != RECOGNISE else said
        return recording(name, inside(folder, value), f"{source}: line {line}", transcript)
    if given == ["listen"]:
        return listening(name, inside(folder, value), f"{source}: line {line}")
    if said:
        raise InputError("transcript: expected audio beside it: it says what is said in a recording.")
    if given == ["text_file"]:
        path = inside(folder, value)
        if path.suffix.lower() in SUBTITLE_SUFFIXES:
            return subtitles(name, path, str(path))
        text, source, line = decode(read_file(path), str(path)), str(path), 1
    else:
        text = clean(value, "text")
    if not text.strip():
        raise InputError(f"{given[0]}: there is no text to speak: it is empty or only whitespace.")
    if len(text) > MAX_CHARACTERS:
        limit = f"the limit for one clip is {MAX_CHARACTERS:,}"
        raise InputError(f"{given[0]}: the text has {len(text):,} characters, {limit}.")
    return script(name, text, source, line)


def inside(folder: Path, text: str) -> Path:
    """Return a path of a manifest, which must lead to something in the manifest's folder.

    Raises:
        InputError: for absolute paths, addresses, `..`, links that lead out, and what is not there.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) or text.startswith(("/", "~", "\\")):
        raise InputError(f"{text}: expected a path inside the manifest's folder.")
    path = folder / text
    try:
        if ".." in Path(text).parts or not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{text}: this path leads out of the manifest's folder.")
        if not path.exists():
            raise InputError(f"{path}: there is no such file.")
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{text[:80]}: not a path: {error}.") from None
    return path


def _seeds(cells: Mapping[str, str]) -> tuple[int, ...]:
    if "seed" in cells and "seeds" in cells:
        raise InputError("expected seed or seeds, not both.")
    if "seed" in cells:
        return (_whole("seed", cells["seed"]),)
    return parse_seeds(cells["seeds"]) if "seeds" in cells else ()


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read `1,5,9` or `1;5;9`.

    Raises:
        InputError: for anything but distinct whole numbers from 0.
    """
    seeds = tuple(_whole("seeds", part.strip()) for part in re.split(r"[;,]", text))
    if len(set(seeds)) < len(seeds):
        raise InputError(f"seeds: a seed stands twice in {text!r}.")
    return seeds


def _number(name: str, text: str, kind: type[int] | type[float]) -> float:
    if kind is int:
        return _whole(name, text)
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9}", text):
        raise InputError(f"{name}: expected a number such as 1.2, got {text[:60]!r}.")
    return float(text)


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) > MAX_SEED:
        raise InputError(f"{name}: expected a whole number from 0, got {text[:60]!r}.")
    return int(text)
