"""Forty-odd kinds of bad manifests: exit 2, the file and the line, nothing written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from avgen.inputs.clips import MAX_CHARACTERS
from tests.cli.test_bad_input import refused

GOOD = "id,text\nfirst,Hello.\n"
FULL = "id,text,actor,seed,seeds,preset,emotion,camera,size,fps,background,output\nfirst,Hello.,,,,,,,,,,\n"

CSV = {
    "empty file": ("", "there are no rows in this manifest."),
    "only a header": ("id,text\n", "there are no rows in this manifest."),
    "no id column": ("name,text\na,Hi.\n", "line 1: the first line names the columns: unknown key 'name'."),
    "unknown column": (
        "id,text,colour\na,Hi.,red\n",
        "line 1: the first line names the columns: unknown key 'colour'.",
    ),
    "no text column": (
        "id,seed\na,1\n",
        "line 1: expected a column id, and one of text, text_file, audio, listen.",
    ),
    "column twice": ("id,text,Text\na,Hi.,Ho.\n", "line 1: column 'text' stands twice."),
    "semicolons": ("id;text\na;Hi.\n", "line 1: the columns must be separated by commas."),
    "tabs": ("id\ttext\na\tHi.\n", "line 1: the columns must be separated by commas."),
    "row too short": ("id,text,seed\na,Hi.\n", "line 2: this row has 2 cells, the first line has 3."),
    "row too long": (GOOD + "a,Hello, you.\n", "line 3: this row has 3 cells, the first line has 2."),
    "open quote": (GOOD + '\na,"Hello.\n', "line 4: not valid CSV: unexpected end of data."),
    "text after quote": (GOOD + 'a,"Hello" you.\n', "line 3: not valid CSV: ',' expected after '\"'."),
    "NUL": (GOOD + "a,Hel\0lo.\n", "line 3: control character U+0000: this is a binary file"),
    "escape character": (GOOD + "a,\x1b[2J.\n", "line 3: control character U+001B"),
    "not UTF-8": (GOOD.encode() + b"a,Caf\xe9.\n", "line 3: not UTF-8 text (byte 0xe9)."),
    "UTF-16": (GOOD.encode("utf-16"), "the text is UTF-16."),
    "id missing": (GOOD + ",Hello.\n", "line 3: id: expected 1 to 100 letters, digits"),
    "id with a slash": (GOOD + "../up,Hello.\n", "line 3: id: expected 1 to 100 letters, digits"),
    "id hidden": (GOOD + ".a,Hello.\n", "line 3: id: expected 1 to 100 letters, digits"),
    "id too long": (GOOD + "a" * 101 + ",Hello.\n", "line 3: id: expected 1 to 100 letters, digits"),
    "id twice": (GOOD + "first,Again.\n", "line 3: id 'first' is the same as in m.csv: line 2."),
    "id twice but for case": (GOOD + "FIRST,Again.\n", "line 3: id 'FIRST' is the same as in m.csv: line 2."),
    "no text": (GOOD + "a,\n", "line 3: expected one of text, text_file, audio, listen, got none."),
    "text and text_file": (
        "id,text,text_file\na,Hi.,script.txt\n",
        "line 2: expected one of text, text_file, audio, listen, got text and text_file.",
    ),
    "text too long": (
        GOOD + "a," + "word " * (MAX_CHARACTERS // 5 + 1) + "\n",
        "line 3: text: the text has 200,004 characters, the limit for one clip is 200,000.",
    ),
    "text that cannot be spoken": (GOOD + "\n\nb,Καλημέρα.\n", "line 5: cannot speak 'Καλημέρα.'"),
    "text without words": (GOOD + 'b,"Fine.\n\n!!! ???"\n', "line 5: cannot speak '!!! ???'"),
    "text_file missing": ("id,text_file\na,none.txt\n", "line 2: none.txt: there is no such file."),
    "text_file outside": ("id,text_file\na,../x.txt\n", "line 2: ../x.txt: this path leads out of"),
    "text_file absolute": ("id,text_file\na,/etc/passwd\n", "line 2: /etc/passwd: expected a path inside"),
    "text_file empty": ("id,text_file\na,blank.txt\n", "line 2: text_file: there is no text to speak"),
    "text_file a link out": ("id,text_file\na,link.txt\n", "line 2: link.txt: this path leads out of"),
    "text_file an address": (
        "id,text_file\na,https://x.org/a.txt\n",
        "line 2: https://x.org/a.txt: expected",
    ),
    "audio missing": ("id,audio\na,none.wav\n", "line 2: none.wav: there is no such file."),
    "audio that is text": ("id,audio\na,script.txt\n", "line 2: script.txt: cannot be read as sound"),
    "actor unknown": (FULL + "a,Hi.,tyni,,,,,,,,,\n", "line 3: unknown actor 'tyni'. Did you mean 'tiny'?"),
    "seed not a number": (FULL + "a,Hi.,,one,,,,,,,,\n", "line 3: seed: expected a whole number from 0, got"),
    "seed negative": (FULL + "a,Hi.,,-1,,,,,,,,\n", "line 3: seed: expected a whole number from 0, got"),
    "seed too large": (FULL + "a,Hi.,,9223372036854775808,,,,,,,,\n", "line 3: seed: expected a whole"),
    "seed and seeds": (FULL + "a,Hi.,,1,1;2,,,,,,,\n", "line 3: expected seed or seeds, not both."),
    "seeds repeated": (FULL + "a,Hi.,,,2;2,,,,,,,\n", "line 3: seeds: a seed stands twice in '2;2'."),
    "preset unknown": (FULL + "a,Hi.,,,,standart,,,,,,\n", "line 3: unknown preset 'standart'. Did you"),
    "preset elsewhere": (FULL + "a,Hi.,,,,../p.yaml,,,,,,\n", "line 3: ../p.yaml: this path leads out of"),
    "emotion unknown": (FULL + "a,Hi.,,,,,hapy:1,,,,,\n", "line 3: unknown emotion 'hapy'"),
    "emotion too strong": (FULL + "a,Hi.,,,,,happy:2,,,,,\n", "line 3: happy: expected a weight from 0 to 1"),
    "voice unknown": ("id,text,voice\na,Hi.,tyni\n", "line 2: unknown voice 'tyni'. Did you mean 'tiny'?"),
    "voice of no share": ("id,text,voice\na,Hi.,tiny:0\n", "line 2: expected a share greater than 0, got"),
    "voice in a text": ("id,text\na,Hi. [voice ada] Ho.\n", "line 2: '[voice ada]': unknown voice 'ada'."),
    "camera unknown": (FULL + "a,Hi.,,,,,,portait,,,,\n", "line 3: camera: unknown camera 'portait'."),
    "camera of three numbers": (FULL + 'a,Hi.,,,,,,"1,2,3",,,,\n', "line 3: camera: expected a name, or"),
    "size": (FULL + "a,Hi.,,,,,,,513,,,\n", "line 3: width: expected an even number of pixels"),
    "fps": (FULL + "a,Hi.,,,,,,,,12,,\n", "line 3: fps: expected a whole number from 24 to 60, got 12."),
    "background": (FULL + "a,Hi.,,,,,,,,,#12,\n", "line 3: background: expected a colour like #20304a"),
    "background missing": (FULL + "a,Hi.,,,,,,,,,no.png,\n", "line 3: no.png: there is no such file."),
    "output field unknown": (FULL + "a,Hi.,,,,,,,,,,{name}\n", "line 3: output: unknown field '{name}'."),
    "output a path": (FULL + "a,Hi.,,,,,,,,,,../{id}\n", "line 3: output: expected a name of letters"),
    "output taken": (
        FULL + "a,Hi.,,,,,,,,,,first\n",
        "line 3: m.csv: line 2 would become out/first.mp4 too.",
    ),
    "output of several seeds": (FULL + "a,Hi.,,,1;2,,,,,,,{id}\n", "line 3: m.csv: line 3 would become"),
}

JSONL = {
    "not JSON": (
        '{"id": "a", "text": "Hi."}\n{"id": ',
        "line 2: not valid JSON: Expecting value (column 8).",
    ),
    "a list": ('["a", "Hi."]\n', 'line 1: expected an object like {"id": ..., "text": ...}.'),
    "a text": ('\n"a"\n', 'line 2: expected an object like {"id": ..., "text": ...}.'),
    "a CSV": ("id,text\na,Hi.\n", "line 1: not valid JSON: Expecting value (column 1)."),
    "key twice": ('{"id": "a", "text": "Hi.", "ID": "b"}', "line 1: not valid JSON: 'ID' stands twice."),
    "unknown key": ('{"id": "a", "txt": "Hi."}', "line 1: this row: unknown key 'txt'. Did you mean 'text'?"),
    "NaN": ('{"id": "a", "text": "Hi.", "seed": NaN}', "line 1: not valid JSON: NaN is no number."),
    "text of another kind": (
        '{"id": "a", "text": {"en": "Hi."}}',
        "line 1: text: expected a text or a number, got {",
    ),
    "seed of another kind": ('{"id": "a", "text": "Hi.", "seed": 1.5}', "line 1: seed: expected a whole"),
    "true": (
        '{"id": "a", "text": "Hi.", "fps": true}',
        "line 1: fps: expected a text or a number, got true.",
    ),
    "deep": ("[" * 100_000, "line 1: not valid JSON: "),
    "long number": ('{"id": "a", "seed": ' + "9" * 5000 + "}", "line 1: "),
    "half a surrogate": ('{"id": "a", "text": "\\ud800"}', "line 1: text: not valid Unicode"),
    "NUL": ('{"id": "a", "text": "a\\u0000b"}', "line 1: text: line 1: control character U+0000"),
}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        *[
            pytest.param("m.csv", content, message, id=f"csv {kind}")
            for kind, (content, message) in CSV.items()
        ],
        *[
            pytest.param("m.jsonl", content, message, id=f"jsonl {kind}")
            for kind, (content, message) in JSONL.items()
        ],
    ],
)
def test_mistake_names_its_line(
    tiny: Path, avgen: Callable[..., Result], name: str, content: str | bytes, message: str
) -> None:
    (tiny / "blank.txt").write_text(" \n")
    (tiny.parent / "x.txt").write_text("Hello.")
    os.symlink(tiny.parent / "x.txt", tiny / "link.txt")
    (tiny / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = set(tiny.rglob("*"))
    said = refused(avgen("render", "script.txt", name), tiny, before)
    assert said.replace(f"{name} line", f"{name}: line").startswith(f"{name}: {message}")


def test_there_are_enough_kinds() -> None:
    assert len(CSV) + len(JSONL) >= 40
