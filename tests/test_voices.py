"""Voices and mixes as text."""

from __future__ import annotations

import pytest

from avgen.config import RenderConfig
from avgen.errors import InputError
from avgen.voices import Mix

VOICES = ("ada", "ben", "leo")


@pytest.mark.parametrize(
    ("text", "canonical", "shares"),
    [
        ("ada", "ada", (1.0, 0.0, 0.0)),
        (" Ben ", "ben", (0.0, 1.0, 0.0)),
        ("ben:7", "ben", (0.0, 1.0, 0.0)),
        ("ada:0.6,ben:0.4", "ada:0.6,ben:0.4", (0.6, 0.4, 0.0)),
        ("BEN:.2 , ada:0.30", "ben:0.2,ada:0.3", (0.6, 0.4, 0.0)),
        ("leo,ben:3", "leo:1,ben:3", (0.0, 0.75, 0.25)),
        ("ada,ben,leo", "ada:1,ben:1,leo:1", (0.333333, 0.333333, 0.333333)),
        ("ada:10.,leo:0.000001", "ada:10,leo:0.000001", (1.0, 0.0, 0.0)),
    ],
)
def test_mixes_are_read_and_written(text: str, canonical: str, shares: tuple[float, ...]) -> None:
    mix = Mix.parse(text)
    assert str(mix) == canonical and str(Mix.parse(canonical)) == canonical
    assert mix.shares(VOICES) == shares == Mix.parse(canonical).shares(VOICES)
    config = RenderConfig().override({"voice": text})
    assert config.voice == canonical and RenderConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' names no voice. Write a name, or a mix such as ada:0.6,ben:0.4."),
        ("ada,", "'ada,' names no voice."),
        ("ada ben", "'ada ben' names no voice."),
        ("1:1", "'1:1' names no voice."),
        ("ada:1,ada:2", "voice 'ada' stands twice in 'ada:1,ada:2'."),
        *[
            (
                f"ada:{number},ben:1",
                f"expected a share greater than 0, got {number!r} in 'ada:{number},ben:1'.",
            )
            for number in (
                "",
                ".",
                "0",
                "0.0",
                "-1",
                "+1",
                "nan",
                "inf",
                "1e3",
                "1234567",
                "0.0000001",
                "1:2",
            )
        ],
    ],
)
def test_what_is_no_mix_says_why(text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        Mix.parse(text)
    assert str(error.value).startswith(said)


def test_an_unknown_voice_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"unknown voice 'adda'. Did you mean 'ada'\?"):
        Mix.parse("ben:0.5,adda:0.5").shares(VOICES)
    assert RenderConfig().override({"voice": ""}).voice == ""
