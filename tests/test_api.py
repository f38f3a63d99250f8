from __future__ import annotations

from pathlib import Path

import pytest

import avgen
from avgen.errors import InputError


def test_python_interface_has_the_same_shape(tiny: Path) -> None:
    first = avgen.render(
        "script.txt", text="Hello.\r\n", actor="tiny", preset="draft", size=64, output="films"
    )
    assert [result.output for result in first] == ["films/script.mp4", "films/text.mp4"]
    assert {result.status for result in first} == {"rendered"}
    (again,) = avgen.render(tiny / "script.txt", actor="tiny", preset="draft", size="64", output="films")
    assert again.status == "unchanged"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "there is nothing to render: give at least one script."),
        ({"text": " "}, "text: there is no text to speak: it is empty or only whitespace."),
        ({"text": "a\0b"}, "text: line 1: control character U+0000: this is a binary file, not text."),
        ({"text": "Hi.", "fsp": 30}, "settings: unknown key 'fsp'. Did you mean 'fps'?"),
    ],
)
def test_mistakes_are_errors(tiny: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as error:
        avgen.render(actor="tiny", **options)
    assert str(error.value) == message
    assert not (tiny / "out").exists()
