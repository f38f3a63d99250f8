"""The Python interface, of the same shape as `avgen render`."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avgen.config import load_preset

if TYPE_CHECKING:
    from avgen.pipeline import ClipResult


def render(
    *inputs: str | PathLike[str],
    output: str | PathLike[str] = "out",
    text: str | None = None,
    actor: str = "mira",
    preset: str = "standard",
    seed: int = 0,
    variations: int = 1,
    force: str | None = None,
    overwrite: bool = False,
    **settings: Any,
) -> Sequence[ClipResult]:
    r"""Make videos of an actor who speaks the given scripts.

    Example:
        >>> import avgen
        >>> avgen.render(text="Hello, I am Mira.", output="hello.mp4")  # doctest: +SKIP

    Args:
        *inputs: paths of .txt files.
        output: a folder, or an .mp4 file for a single clip.
        text: a script itself, instead of files or beside them; its clip is called "text".
        actor: name or folder.
        preset: name, or path of a .yaml file.
        seed: of the first variation.
        variations: number of seeds.
        force: stage from which everything is made anew.
        overwrite: replace files that avgen did not write.
        **settings: fields of `avgen.config.RenderConfig`, or `size`, that replace the preset's.

    Returns:
        One result per clip, in order; `status` is "rendered", "unchanged" or "failed".

    Raises:
        AvgenError: if the request is wrong, or nothing more can be written.
    """
    from avgen.cache import Cache, default_root
    from avgen.jobs.driver import run
    from avgen.jobs.plan import Request, check_texts, plan
    from avgen.script import clean, read_clips, split_script

    clips = read_clips([str(path) for path in inputs])
    if text is not None:
        clips += tuple(split_script(clean(text, "text"), "text", "text"))
    specs = plan(
        Request(clips, actor, load_preset(preset).override(settings), seed, variations, Path(output))
    )
    cache = Cache(default_root())
    check_texts(specs, cache)
    return run(specs, cache, lambda event: None, force=force, overwrite=overwrite)
