from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avgen.errors import InputError
from avgen.inputs.clips import Clip, Text, decode, split_script
from avgen.inputs.manifest import read_inputs
from avgen.inputs.names import clip_id, is_id


def test_parts_are_numbered_and_know_their_lines() -> None:
    clips = list(split_script("One.\n\n---\nTwo.\n------\nThree.\n", "film", "film.txt"))
    assert [(c.id, c.source.text.strip(), c.source.first_line) for c in clips] == [
        ("film-01", "One.", 1),
        ("film-02", "Two.", 4),
        ("film-03", "Three.", 6),
    ]


def test_dashes_inside_a_line_separate_nothing() -> None:
    (clip,) = split_script("One --- two.\n- three\n--\n", "film", "film.txt")
    assert clip.id == "film"


def test_byte_order_mark_and_line_ends_do_not_matter() -> None:
    assert decode("\ufeffOne.\r\nTwo.\rThree.".encode(), "x") == "One.\nTwo.\nThree."


def test_standard_input_is_a_script() -> None:
    (row,) = read_inputs(["-"], io.BytesIO(b"Hello."))
    assert row.clip == Clip("stdin", Text("Hello.", "standard input"))


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("my script", "my-script"),
        ("..hidden", "hidden"),
        ("Ärger", "Ärger"),
        ("你好", "你好"),
        ("A\u0308rger", "Ärger"),
        ("talk (1)", "talk-1"),
        ("emoji😀", "emoji"),
        ("???", "clip"),
        ("a.b_c-1", "a.b_c-1"),
    ],
)
def test_file_names_become_ids(stem: str, expected: str) -> None:
    assert clip_id(stem) == expected


@given(st.text(max_size=200))
def test_every_name_becomes_a_valid_id(stem: str) -> None:
    assert is_id(clip_id(stem))


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_a_clear_error(data: bytes) -> None:
    try:
        clips = list(split_script(decode(data, "x.txt"), "x", "x.txt"))
    except InputError as error:
        assert str(error).startswith("x.txt:")
    else:
        assert all(clip.source.text.strip() for clip in clips)


@given(st.lists(st.sampled_from(["One.", "", "---", " --- ", "Two three."]), min_size=1, max_size=8))
def test_nothing_is_lost_between_separators(lines: list[str]) -> None:
    try:
        clips = list(split_script("\n".join(lines), "x", "x"))
    except InputError:
        return
    spoken = [line for clip in clips for line in clip.source.text.split("\n") if line.strip()]
    assert spoken == [line for line in lines if line.strip() and not line.startswith("---")]


def test_names_of_any_script_stay_different(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["ü.txt", "ä.txt", "你好.txt", "हिन्दी.txt"]
    for name in names:
        Path(name).write_text("Hello.")
    assert [f"{row.clip.id}.txt" for row in read_inputs(names)] == names
