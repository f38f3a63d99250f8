"""What every kind of avatar can do: say which tracks it needs, and draw them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.views import View
from avgen.background import Background
from avgen.errors import ActorError, InputError
from avgen.style import Style
from avgen.tracks import Codes
from avgen.types import FloatArray

KEPT_RENDERERS: Final = 4
"""An avatar keeps the last ones it made: the clips of a batch mostly look alike, and textures take time."""


class Renderer(Protocol):
    """Draws chunks of frames in one size, from one view, before one background."""

    def render(self, tracks: Mapping[str, FloatArray]) -> NDArray[np.uint8]:
        """Pictures [T, H, W, 3] of an avatar's tracks, each [T, K].

        On a transparent background they are [T, H, W, 4]: straight (not premultiplied) colour and opacity.
        """


class Avatar(ABC):
    """An actor's looks at run time.

    Attributes:
        tracks: names of the tracks that a renderer of it needs.
        optional_tracks: those that it is drawn by, too, and that `settle` adds where there are none.
    """

    tracks: ClassVar[tuple[str, ...]]

    @property
    def optional_tracks(self) -> tuple[str, ...]:
        """Unless overridden, none."""
        return ()

    @classmethod
    @abstractmethod
    def load(cls, config: Mapping[str, Any], file: Path) -> Avatar:
        """Read an avatar.

        Args:
            config: of the component.
            file: its data.

        Raises:
            ActorError: the file does not fit, or is damaged.
        """

    @abstractmethod
    def make_renderer(
        self, device: str, view: View, size: tuple[int, int], background: Background
    ) -> Renderer:
        """Make a renderer; arguments as in `renderer`."""

    def renderer(self, device: str, view: View, size: tuple[int, int], background: Background) -> Renderer:
        """Return a renderer, one made before if it is still kept.

        Args:
            device: where it draws: `cpu`, `cuda`, or `cuda:0`.
            view: from where.
            size: width and height of its pictures in pixels.
            background: what lies behind the actor.

        Raises:
            InputError: the background's image cannot be read.
        """
        key = device, view, size, background, _state(background)
        found = self._renderers.pop(key, None) or self.make_renderer(device, view, size, background)
        self._renderers[key] = found  # the last one used is the last one dropped
        while len(self._renderers) > KEPT_RENDERERS:
            del self._renderers[next(iter(self._renderers))]
        return found

    def embodied(self, body: Any) -> Avatar:
        """Return this avatar with a body below its neck, drawn by the tracks `body` and `hands`, too.

        Args:
            body: the actor's component of this slot.

        Raises:
            ActorError: unless overridden: this kind of avatar takes none.
        """
        raise ActorError("this kind of avatar takes no body. Use a camera that shows the bust alone.")

    def settle(self, codes: Codes) -> Codes:
        """Return a clip's codes, brought to rest where it starts and ends; unless overridden, as they are.

        Args:
            codes: with every track that the avatar needs.
        """
        return codes

    def restyle(self, codes: Codes, style: Style) -> Codes:
        """Return codes in which parts of the face move more or less.

        Args:
            codes: with every track that the avatar needs.
            style: strengths.

        Raises:
            InputError: unless overridden: nothing is known of the face's parts.
        """
        raise InputError("style: the parts of this actor's face have no names. Leave style out.")

    @cached_property
    def _renderers(self) -> dict[Hashable, Renderer]:
        return {}


def _state(background: Background) -> tuple[int, int] | None:
    """Size and time of the image, so that one which was replaced is read anew; None if there is none."""
    try:
        found = background.image.stat() if background.image else None
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if found else None
