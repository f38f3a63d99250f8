"""The rows of a manifest as they stand: cells by column, from CSV or JSON lines."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from avgen.documents import check_keys
from avgen.errors import AvgenError, InputError

COLUMNS: Final = (
    *("id", "text", "text_file", "audio", "transcript", "actor", "seed", "seeds", "preset"),
    *("partner", "speaker_channel", "listen", "sound"),
    *("emotion", "voice", "gestures", "style", "camera"),
    *("speaking_rate", "sentence_silence", "steps", "temperature", "guidance_scale"),
    *("size", "fps", "background", "loudness", "output"),
    *("turn_gap", "mix", "dialogue", "speaker"),
)
SOURCES: Final = ("text", "text_file", "audio", "listen")
LISTS: Final = ("seeds", "camera")
"""Columns that may hold several values, separated by semicolons; in JSON a list."""
MAX_MANIFEST_BYTES: Final = 200_000_000


@contextmanager
def located(where: str) -> Iterator[None]:
    """Put a place in front of the message of an error inside."""
    try:
        yield
    except AvgenError as error:
        raise InputError(f"{where}: {error}" if where else str(error)) from None


def csv_records(text: str, source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, cells by column) of each row; empty cells and lines are left out."""
    before = csv.field_size_limit(MAX_MANIFEST_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if cells and not header:
                header = _header(cells, f"{source}: line {line}")
            elif cells:
                yield line, _cells(header, cells, f"{source}: line {line}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{source}: line {line}: not valid CSV: {error}. {_QUOTING}") from None
    finally:
        csv.field_size_limit(before)


_QUOTING: Final = 'A text with commas or quotes stands in "..."; a quote inside is written "".'


def _header(cells: list[str], where: str) -> list[str]:
    names = [column(cell) for cell in cells]
    if not {"id", "dialogue"} & set(names) and re.search(r"[;\t]", "".join(cells)):
        raise InputError(f"{where}: the columns must be separated by commas.")
    with located(where):
        check_keys(dict.fromkeys(names), COLUMNS, "the first line names the columns")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"{where}: column {twice[0]!r} stands twice.")
    if "dialogue" not in names and ("id" not in names or not set(SOURCES) & set(names)):
        raise InputError(f"{where}: expected a column id, and one of {', '.join(SOURCES)}.")
    return names


def _cells(header: list[str], cells: list[str], where: str) -> dict[str, Any]:
    if len(cells) != len(header):
        raise InputError(
            f"{where}: this row has {len(cells)} cells, the first line has {len(header)}. {_QUOTING}"
        )
    return {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}


def column(name: str) -> str:
    """Return a column's one spelling."""
    return name.strip().strip('"').lower().replace("-", "_")


def json_records(text: str, source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, values by column) of each line's object; nulls and empty lines are left out."""
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        where = f"{source}: line {line}"
        try:
            values = json.loads(content, object_pairs_hook=_pairs, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            raise InputError(f"{where}: not valid JSON: {error.msg} (column {error.colno}).") from None
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: not valid JSON: {error}.") from None
        if not isinstance(values, dict):
            raise InputError(f'{where}: expected an object like {{"id": ..., "text": ...}}.')
        with located(where):
            check_keys(values, COLUMNS, "this row")
            cells = {name: _plain(name, value) for name, value in values.items() if value is not None}
        yield line, {name: value for name, value in cells.items() if value not in ("", [])}


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = {}
    for name, value in pairs:
        if column(name) in values:
            raise ValueError(f"{name!r} stands twice")
        values[column(name)] = value
    return values


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _plain(name: str, value: Any) -> str:
    """Turn a JSON value into what a cell would hold."""
    if name in LISTS and isinstance(value, list) and not any(isinstance(item, list) for item in value):
        return ";".join(_plain(name, item) for item in value)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InputError(f"{name}: not valid Unicode: half of a surrogate pair.") from None
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    expected = "a text, a number or a list" if name in LISTS else "a text or a number"
    raise InputError(f"{name}: expected {expected}, got {json.dumps(value)[:60]}.")
