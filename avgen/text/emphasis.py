"""Markdown's marks of emphasis: which stars, underscores and tildes belong together."""

from __future__ import annotations

import re

_RUN = re.compile(r"\*{1,3}|_{1,3}|~~")
_EDGE = frozenset(" *_`")


def without_emphasis(text: str) -> str:
    """Take away pairs of marks around words; single ones, as in `2 * 3` or `a_b`, stay.

    Args:
        text: one line.

    Returns:
        The line without the pairs; time grows in step with its length.
    """
    opened: dict[str, int] = {}
    paired: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        starts = after and after not in _EDGE and not _is_word(before)
        ends = before and before not in _EDGE and not _is_word(after)
        if ends and run[0] in opened:
            paired += [(opened.pop(run[0]), len(run[0])), (run.start(), len(run[0]))]
        elif starts:
            opened[run[0]] = run.start()
    return _cut(text, sorted(paired))


def _is_word(char: str) -> bool:
    """Tell whether a mark beside this character stands inside a word."""
    return char.isalnum() or char in ("*", "_") if char else False


def _cut(text: str, pieces: list[tuple[int, int]]) -> str:
    kept, position = [], 0
    for start, length in pieces:
        kept.append(text[position:start])
        position = start + length
    return "".join([*kept, text[position:]])
