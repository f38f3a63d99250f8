"""The likeliest labels: those that seldom change, and those of a known sequence."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from avgen.speech import paths
from avgen.speech.paths import known_path, steady_path


def scores(frames: int, labels: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (frames, labels)).astype(np.float32)


def test_a_steady_path_is_the_best_of_all() -> None:
    logits, frames = scores(6, 3), np.arange(6)
    for cost in (0.0, 1.5, 20.0):
        best = max(
            product(range(3), repeat=6),
            key=lambda path: logits[frames, list(path)].sum() - cost * np.count_nonzero(np.diff(path)),
        )
        assert tuple(steady_path(logits, cost)) == best


@pytest.mark.parametrize("block", [1, 2, 512])
def test_a_known_path_is_the_best_of_all(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_BLOCK_FRAMES", block)
    logits, labels = scores(7, 4), np.array([0, 1, 2, 3])
    skippable = np.array([False, False, True, False])

    def allowed(path: tuple[int, ...]) -> bool:
        steps = [(a, b) for a, b in pairwise(path) if a != b]
        fits = all(b == a + 1 or (b == a + 2 and skippable[a + 1]) for a, b in steps)
        return fits and path[0] == 0 and path[-1] == 3

    ways = filter(allowed, product(range(4), repeat=7))
    best = max(ways, key=lambda path: logits[np.arange(7), labels[list(path)]].sum())
    assert tuple(known_path(logits, labels, skippable)) == best


def test_more_labels_than_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer frames than labels"):
        known_path(scores(3, 5), np.arange(5), np.zeros(5, bool))
