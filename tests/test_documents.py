"""YAML and JSON that anybody may have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avgen.documents import MAX_DEPTH, load_json, load_yaml
from avgen.errors import InputError


def read(folder: Path, text: str) -> dict[str, Any]:
    (folder / "a.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    return load_yaml(folder / "a.yaml")


def test_yaml_is_read_as_people_mean_it(tmp_path: Path) -> None:
    text = "size: 512\nname: 0512\ntime: 12:30:45\nday: 2026-01-05\nlong: 1_000\nhex: 0x1F\nneg: -3\nx: 1.5\n"
    assert read(tmp_path, text) == {
        **{"size": 512, "name": "0512", "time": "12:30:45", "day": "2026-01-05", "long": "1_000"},
        **{"hex": "0x1F", "neg": -3, "x": 1.5},
    }


@pytest.mark.usefixtures("no_hang")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size: 512\nfps: 30\nsize: 64\n", "line 1: not valid YAML: the key 'size' stands twice."),
        ("a: {b: 1, b: 2}\n", "line 1: not valid YAML: the key 'b' stands twice."),
        ("a: &x 1\nb: *x\n", r"line 2: not valid YAML: aliases \(\*\) are not read."),
        ("a: &x [*x]\n", r"line 1: not valid YAML: aliases \(\*\) are not read."),
        ("a: " + "[" * 50 + "]" * 50, "line 1: not valid YAML: nested too deeply."),
        ("a: " + "{b: " * 5000, "line 1: not valid YAML: nested too deeply."),
        ("a: " + "9" * 5000, None),
        ("a: !!int " + "9" * 5000, "not valid YAML: "),
        ("a: !!timestamp 2026-13-45\n", "not valid YAML: "),
        ("a: !!python/object:os.system x\n", "line 1: not valid YAML: could not determine a constructor"),
        ("? [1, 2]\n: 3\n", "expected lines of `key: value`, got dict|not valid YAML"),
        ("- 1\n", "expected lines of `key: value`, got list"),
        ("", "expected lines of `key: value`, got NoneType"),
        ("a: \x07b\n", "not valid YAML: "),
        ("<<: 3\n", "not valid YAML: "),
    ],
)
def test_bad_yaml_is_one_line_that_names_the_file(tmp_path: Path, text: str, message: str | None) -> None:
    if message is None:
        assert read(tmp_path, text)
        return
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, text)
    assert "a.yaml" in str(error.value) and "\n" not in str(error.value)


def test_alias_bombs_cost_nothing(tmp_path: Path) -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    with pytest.raises(InputError, match="aliases"):
        read(tmp_path, "a0: &a0 [x]\n" + levels)


def test_files_that_are_no_text_or_too_large_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"b\.yaml: not valid YAML"):
        load_yaml(tmp_path / "b.yaml")
    (tmp_path / "c.yaml").write_bytes(b"# " + b"x" * 1_100_000)
    with pytest.raises(InputError, match=r"c\.yaml: not valid YAML: it is larger than 1,000,000 bytes"):
        load_yaml(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[]", b"3", b"null", b'"a"', b'{"a": NaN}', b'{"a": 1e999}', b'{"a": -Infinity}'),
        *(b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b"\xff\xfe", b"\x80", b"[" * 100_000, b'{"a":' * 50_000),
        *(b'{"a": ' + b"9" * 5000 + b"}", b'{"a": ' + b"9" * 400 + b"}", b'{"a": 99999999999999999999}'),
    ],
)
def test_what_is_no_sound_json_object_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        load_json(data)


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_any_json_is_an_object_or_a_value_error(value: Any) -> None:
    try:
        found = load_json(json.dumps(value).encode())
    except ValueError:
        return
    assert found == json.loads(json.dumps(value))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet="ab: \n-[]{}&*!?|>'\"%@`#,0.~<\t\x85\ufeff", max_size=30))
def test_any_text_is_yaml_or_an_input_error(tmp_path: Path, text: str) -> None:
    try:
        found = read(tmp_path, text)
    except InputError as error:
        assert "a.yaml" in str(error) and "\n" not in str(error)
    else:
        assert all(isinstance(key, str) for key in found)


def test_depth_has_room_for_what_people_write(tmp_path: Path) -> None:
    assert read(tmp_path, "a: " + "[" * (MAX_DEPTH - 3) + "]" * (MAX_DEPTH - 3))
