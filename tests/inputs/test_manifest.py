"""Manifests: what a row may ask for, and that every mistake in one names its file and line."""

from __future__ import annotations

import io
import json
import os
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avgen.errors import AvgenError, InputError
from avgen.inputs.manifest import Row, parse_seeds, read_inputs, read_manifest
from avgen.inputs.records import COLUMNS


def rows(text: str, kind: str = "csv", folder: Path = Path()) -> list[Row]:
    return read_manifest(text.encode(), f"m.{kind}", kind, folder)


def test_csv_row_may_ask_for_everything(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("From a file.")
    (tmp_path / "wall.png").write_bytes(b"")
    text = (
        "\ufeffid, Text ,text-file,actor,seeds,preset,emotion,voice,camera,size,fps,background,output\r\n"
        '"one","Hello, ""you"".",,mira,1;5,draft,happy:0.7,ada,portrait; close-up,'
        "640x360,25,#102030,{id}-{seed}\r\n"
        "\r\n"
        '"two",,words.txt,,,,,,,,,wall.png,\r\n'
        '"three","Over\r\ntwo lines.",,,,,,,,,,,\r\n'
    )
    one, two, three = rows(text, folder=tmp_path)
    assert (one.clip.source.text, one.actor, one.preset, one.seeds) == (
        'Hello, "you".',
        "mira",
        "draft",
        (1, 5),
    )
    assert one.cameras == ("portrait", "close-up") and one.output == "{id}-{seed}"
    picture = {"size": "640x360", "fps": 25, "background": "#102030"}
    assert one.settings == {"emotion": "happy:0.7", "voice": "ada", **picture}
    assert (two.clip.source.text, two.clip.source.where) == ("From a file.", str(tmp_path / "words.txt"))
    assert two.settings == {"background": str(tmp_path / "wall.png")}
    assert (three.clip.source.text, three.where) == ("Over\ntwo lines.", "m.csv: line 5")


def test_json_row_may_use_numbers_and_lists() -> None:
    (row,) = rows(
        '{"id": "a", "text": " Hi. ", "seeds": [1, 5], "camera": ["x", "20,5,1.2,18"], '
        '"fps": 25, "size": 96}\n\n',
        "jsonl",
    )
    assert (row.clip.source.text, row.seeds, row.cameras) == ("Hi.", (1, 5), ("x", "20,5,1.2,18"))
    assert row.settings == {"size": "96", "fps": 25}
    assert rows('{"id": "a", "text": "Hi.", "seed": null, "actor": ""}', "jsonl")[0].seeds == ()


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (b"Hello there, id.", ["stdin"]),
        (b"id,text\na,Hi.\nb,Ho.\n", ["a", "b"]),
        (b'\xef\xbb\xbf"id","text_file"\n', None),
        (b'\n {"id": "a", "text": "Hi."}\n', ["a"]),
        (b"{x} is what I say.", ["stdin"]),
    ],
)
def test_standard_input_is_what_it_looks_like(data: bytes, ids: list[str] | None) -> None:
    if ids is None:
        with pytest.raises(InputError, match="standard input: there are no rows"):
            read_inputs(["-"], io.BytesIO(data))
    else:
        assert [row.clip.id for row in read_inputs(["-"], io.BytesIO(data))] == ids


def test_input_format_overrules_the_look() -> None:
    (row,) = read_inputs(["-"], io.BytesIO(b"id,text\n"), "txt")
    assert row.clip.source.text == "id,text\n"
    with pytest.raises(InputError, match="standard input: line 1: not valid JSON"):
        read_inputs(["-"], io.BytesIO(b"id,text\n"), "jsonl")


def test_scripts_and_manifests_mix(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.\n---\nTwo.")
    (tmp_path / "m.jsonl").write_text('{"id": "b", "text": "Three."}')
    found = read_inputs([str(tmp_path / "a.txt"), str(tmp_path / "m.jsonl")])
    assert [row.clip.id for row in found] == ["a-01", "a-02", "b"]
    (tmp_path / "m.jsonl").write_text('\n{"id": "A-02", "text": "Three."}')
    with pytest.raises(InputError, match=r"m.jsonl: line 2: id 'A-02' is the same as in .*a.txt"):
        read_inputs([str(tmp_path / "a.txt"), str(tmp_path / "m.jsonl")])


def test_paths_stay_in_the_folder(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.txt").write_text("Secret.")
    os.symlink(tmp_path / "secret.txt", inner / "link.txt")
    os.symlink("loop.txt", inner / "loop.txt")
    for path in (
        *("../secret.txt", str(tmp_path / "secret.txt"), "link.txt", "loop.txt", "file:///etc/passwd"),
        *("https://example.org/a.txt", "~/a.txt", "\\\\host\\a.txt", "C:\\a.txt", "x/../../secret.txt"),
        *("none.txt", "a\u0000b.txt", "x" * 5000),
    ):
        with pytest.raises(InputError, match=r"^m\.jsonl: line 1: ") as error:
            rows(json.dumps({"id": "a", "text_file": path}), "jsonl", inner)
        assert "Secret" not in str(error.value)


@given(st.text(max_size=30))
def test_seeds_are_numbers_or_an_error(text: str) -> None:
    try:
        seeds = parse_seeds(text)
    except InputError as error:
        assert str(error).startswith("seeds: ")
    else:
        assert seeds and all(0 <= seed < 2**63 for seed in seeds) and len(set(seeds)) == len(seeds)


CELLS = st.one_of(
    st.sampled_from(
        ["a", "b", "Hello.", "1", "-1", "1;2", "happy", "happy:2", "24", "512x512", "{id}", "", " "]
    ),
    st.text(max_size=12),
    st.text('",;\n\r\0{}[]é\ud7ff\u2028', max_size=6),
)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from([*COLUMNS, "colour", "", "ID"]), min_size=1, max_size=5),
    st.lists(st.lists(CELLS, max_size=5), max_size=4),
    st.booleans(),
)
def test_any_csv_is_rows_or_an_error_with_its_line(
    header: list[str], cells: list[list[str]], quoted: bool
) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if quoted else text

    agree(",".join(header) + "\n" + "\n".join(",".join(map(cell, row)) for row in cells), "csv")


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELLS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(CELLS, inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(
            st.dictionaries(st.sampled_from([*COLUMNS, "colour"]), VALUES, max_size=4).map(json.dumps),
            st.dictionaries(st.just("id"), CELLS, min_size=1).map(lambda d: json.dumps({**d, "text": "Hi."})),
            CELLS,
        ),
        max_size=4,
    )
)
def test_any_json_lines_are_rows_or_an_error_with_its_line(lines: list[str]) -> None:
    agree("\n".join(lines), "jsonl")


def agree(text: str, kind: str) -> None:
    """Read a manifest: either every row is sound, or one error says where it is not."""
    try:
        found = rows(text, kind)
    except AvgenError as error:
        assert error.exit_code == 2
        line = re.match(rf"m\.{kind}: (?:line (\d+): |there are no rows|this is a binary file)", str(error))
        assert line, str(error)
        assert int(line[1] or 1) <= text.count("\n") + text.count("\r") + 2
    else:
        for row in found:
            assert row.clip.source.text.strip() and row.clip.id[0].isalnum() and len(row.clip.id) <= 100
            assert all(unicodedata.category(c)[0] in "LNM" or c in "._-" for c in row.clip.id)
            assert row.where.startswith(f"m.{kind}: line ")
