from __future__ import annotations

import pytest

from avgen.config import RenderConfig, load_preset, parse_size, preset_names
from avgen.documents import unknown
from avgen.errors import InputError


def test_packaged_presets_load_and_get_finer() -> None:
    assert preset_names() == ("draft", "high", "standard")
    draft, standard, high = (load_preset(name) for name in ("draft", "standard", "high"))
    assert draft.steps < standard.steps < high.steps
    assert draft.width < standard.width == 512 < high.width
    assert draft.crf > standard.crf > high.crf
    assert standard == RenderConfig()


@pytest.mark.parametrize(
    ("text", "size"), [("512", (512, 512)), ("1280x720", (1280, 720)), (384, (384, 384)), ("64X96", (64, 96))]
)
def test_sizes(text: str | int, size: tuple[int, int]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "1x", "512x512x3", "-2", "1e3", "512.0"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InputError, match="size: expected pixels like 512 or 1280x720"):
        parse_size(text)


def test_override_keeps_what_is_none_and_checks_the_rest() -> None:
    assert RenderConfig().override({"fps": None, "steps": 3}) == RenderConfig(steps=3)
    assert RenderConfig().override({"size": "96x64"}) == RenderConfig(width=96, height=64)
    with pytest.raises(InputError, match="fps"):
        RenderConfig().override({"fps": 5})
    with pytest.raises(InputError, match=r"settings: unknown key 'step'. Did you mean 'steps'\?"):
        RenderConfig().override({"step": 5})


def test_unknown_names_the_nearest_or_all() -> None:
    assert unknown("actor", "Mirra", ["mira", "otto"]) == "unknown actor 'Mirra'. Did you mean 'mira'?"
    assert unknown("actor", "xyz", ["mira", "otto"]) == "unknown actor 'xyz'. Known: mira, otto."
