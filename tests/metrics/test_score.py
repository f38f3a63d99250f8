from __future__ import annotations

import pytest

from avgen.metrics.score import PARTS, score

BEST = {name: part.best for name, part in PARTS.items()}


def test_weights_add_up_to_one() -> None:
    assert sum(part.weight for part in PARTS.values()) == pytest.approx(1)


def test_the_best_take_has_100_and_the_worst_0() -> None:
    assert score(BEST) == pytest.approx(100)
    assert score({name: part.worst for name, part in PARTS.items()}) == pytest.approx(0)


@pytest.mark.parametrize("name", PARTS)
def test_every_part_costs_its_weight(name: str) -> None:
    assert score({**BEST, name: PARTS[name].worst}) == pytest.approx(100 * (1 - PARTS[name].weight))


def test_an_offset_counts_in_either_direction() -> None:
    assert score({**BEST, "av_offset_ms": -40.0}) == score({**BEST, "av_offset_ms": 40.0})


def test_what_is_missing_is_shared_out_but_words_or_lips_must_be_known() -> None:
    assert score({"word_error_rate": 0.0}) == pytest.approx(100)
    assert score({"dnsmos_p808": 4.0}) is None
