"""Renderers that an avatar keeps."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from avgen.avatars.base import KEPT_RENDERERS
from avgen.avatars.views import View
from avgen.background import Background
from tests.fakes import TinyAvatar

VIEW = View((0.0, 0.0, 0.0), 0.0, 0.0, 1.0, 20.0)
SIZE = 64, 64


def test_clips_that_look_alike_share_a_renderer() -> None:
    avatar = TinyAvatar()
    first = avatar.renderer("cpu", VIEW, SIZE, Background())
    assert avatar.renderer("cpu", View((0.0, 0.0, 0.0), 0.0, 0.0, 1.0, 20.0), SIZE, Background()) is first
    assert TinyAvatar().renderer("cpu", VIEW, SIZE, Background()) is not first


@pytest.mark.parametrize(
    "changed",
    [
        ("cuda", VIEW, SIZE, Background()),
        ("cpu", View((0.0, 0.0, 0.0), 1.0, 0.0, 1.0, 20.0), SIZE, Background()),
        ("cpu", VIEW, (64, 96), Background()),
        ("cpu", VIEW, SIZE, Background("#102030")),
    ],
)
def test_clips_that_differ_in_anything_do_not(changed: tuple[str, View, tuple[int, int], Background]) -> None:
    avatar = TinyAvatar()
    first = avatar.renderer("cpu", VIEW, SIZE, Background())
    assert avatar.renderer(*changed) is not first
    assert avatar.renderer("cpu", VIEW, SIZE, Background()) is first


def test_only_the_last_few_are_kept() -> None:
    avatar = TinyAvatar()
    first, second, *_ = made = [
        avatar.renderer("cpu", VIEW, (64, 64 + 2 * k), Background()) for k in range(KEPT_RENDERERS)
    ]
    assert avatar.renderer("cpu", VIEW, (64, 64), Background()) is first  # used again: the second is oldest
    avatar.renderer("cuda", VIEW, SIZE, Background())
    assert avatar.renderer("cpu", VIEW, (64, 64), Background()) is first
    assert avatar.renderer("cpu", VIEW, (64, 64 + 2 * (KEPT_RENDERERS - 1)), Background()) is made[-1]
    assert avatar.renderer("cpu", VIEW, (64, 66), Background()) is not second


def test_an_image_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    avatar, image = TinyAvatar(), tmp_path / "room.png"
    image.write_bytes(b"one")
    first = avatar.renderer("cpu", VIEW, SIZE, Background(str(image)))
    assert avatar.renderer("cpu", VIEW, SIZE, Background(str(image))) is first
    image.write_bytes(b"two")
    os.utime(image, ns=(0, 0))
    assert avatar.renderer("cpu", VIEW, SIZE, Background(str(image))) is not first
