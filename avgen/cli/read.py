"""`avgen read`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avgen.cli.terminal import say

if TYPE_CHECKING:
    from avgen.inputs.manifest import Row
    from avgen.text.lexicon import Lexicon

TO_CHECK = ("guessed", "placeholder", "silent")
"""Kinds of notes that a person should look at."""


@click.command(epilog="Example: avgen read script.txt")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--lexicon", metavar="FILE.csv", help="How words are said: word, spoken or /IPA/, part of speech."
)
@click.option("--strict", is_flag=True, help="Blanks that nobody filled in, such as {name}, are an error.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def read(inputs: tuple[str, ...], lexicon: str | None, strict: bool, as_json: bool) -> None:
    """Show how each INPUT will be read aloud, sentence by sentence, without making anything.

    INPUT is what avgen render takes. Words that are read otherwise than they are written stand in brackets
    behind the sentence. What a person should check is marked with !: words whose sound is guessed, blanks
    that nobody filled in, text that is not spoken.
    """
    from avgen.inputs.lexicons import find_lexicons
    from avgen.inputs.manifest import read_inputs

    rows = read_inputs(inputs, sys.stdin.buffer)
    lexicons = find_lexicons([Path(lexicon)] if lexicon else [])
    lines = _lines(rows, lexicons.read() if lexicons else None, strict)
    if as_json:
        say(json.dumps(list(lines), indent=1, ensure_ascii=False))
        return
    for line in lines:
        say(_shown(line))


def _lines(rows: Sequence[Row], lexicon: Lexicon | None, strict: bool) -> Iterator[dict[str, Any]]:
    """One entry for each sentence of each clip."""
    from dataclasses import asdict

    from avgen.errors import InputError
    from avgen.inputs.clips import texts_of
    from avgen.text.explain import explain

    for row in rows:
        for text in texts_of(row.clip.source):
            found = explain(text.text, source=text.where, first_line=text.first_line, lexicon=lexicon)
            for line in found:
                blank = next((note.word for note in line.notes if note.kind == "placeholder"), None)
                if strict and blank is not None:
                    raise InputError(f"{text.where} line {line.line}: {blank!r} was not filled in.")
                yield {"clip": row.clip.id, **asdict(line)}


def _shown(line: dict[str, Any]) -> str:
    """A sentence for people."""
    notes = line["notes"]
    changed = "; ".join(f"{n['word']} = {n['spoken']}" for n in notes if n["kind"] == "changed")
    check = "; ".join(f"{n['kind']}: {n['word']}" for n in notes if n["kind"] in TO_CHECK)
    mark = "!" if check else " "
    shown = f"{mark} {line['clip']}:{line['line']}: {line['spoken']}"
    return shown + (f"  [{changed}]" if changed else "") + (f"  ! {check}" if check else "")
