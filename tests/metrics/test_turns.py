"""Turns of a dialogue, by the times of its words."""

from __future__ import annotations

import pytest

from avgen.metrics.turns import turn_taking
from avgen.types import Interval


def words(*spans: tuple[float, float]) -> list[Interval]:
    return [Interval("word", *span) for span in spans]


def test_gaps_are_between_turns_of_different_people() -> None:
    first = words((0.0, 1.0), (1.2, 2.0), (5.0, 6.0), (8.0, 9.0))
    second = words((2.2, 3.0), (5.3, 5.6), (5.8, 7.0), (10.0, 10.1))  # "mm-hm" at 5.3 goes on to a turn
    found = turn_taking([first, second])  # gaps 0.2, 2.0, -0.7, 1.0, 1.0
    assert found == {"turn_gap": pytest.approx(1.0), "turns_overlapping": pytest.approx(0.2)}


def test_what_is_said_inside_anothers_turn_is_none_and_one_person_takes_none() -> None:
    assert turn_taking([words((0.0, 4.0)), words((1.0, 1.3))]) == {}
    assert turn_taking([words((0.0, 1.0), (3.0, 4.0))]) == turn_taking([]) == {}
