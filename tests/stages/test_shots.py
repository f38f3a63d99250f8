"""Who is seen when: whoever speaks, never for a moment only, and listeners in long speeches."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from avgen.stages.shots import LEAST_SHOT, LONG_SPEECH, Shot, find_shots
from avgen.types import Interval


def words(start: float, count: int, pause_after: tuple[int, ...] = ()) -> list[Interval]:
    """Words of 0.4 s, and after some of them a short pause."""
    said, clock = [], start
    for number in range(count):
        said.append(Interval("word", clock, clock + 0.4))
        clock += 0.4 + 0.3 * (number in pause_after)
    return said


def test_cuts_lie_in_the_middle_of_gaps_and_at_the_start_of_overlaps() -> None:
    first, second, third = words(0.25, 5), words(2.65, 5), words(4.0, 6)
    assert find_shots([first, second, []], 6.0) == (Shot(0, 0.0), Shot(1, 2.45))
    assert find_shots([first, second, third], 8.0) == (Shot(0, 0.0), Shot(1, 2.45), Shot(2, 4.0))


def test_who_agrees_meanwhile_is_not_cut_to() -> None:
    assert find_shots([words(0.0, 12), words(2.0, 1)], 5.0) == (Shot(0, 0.0),)


def test_listeners_are_seen_in_long_speeches_from_one_phrase_end_to_another() -> None:
    long = words(0.0, 30, pause_after=(4, 11, 16, 25))
    shots = find_shots([long, words(14.0, 4)], 16.0)
    ends = [long[number].end for number in (11, 16)]
    assert shots[:3] == (Shot(0, 0.0), Shot(1, ends[0]), Shot(0, ends[1]))
    assert shots[-1].person == 1
    assert find_shots([words(0.0, int(LONG_SPEECH / 0.4)), words(9.0, 4)], 11.0)[1].start > LONG_SPEECH - 0.5


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.floats(-0.6, 3.0), st.integers(1, 40), st.integers(0, 9)),
        min_size=1,
        max_size=12,
    )
)
def test_shots_are_in_order_long_enough_and_of_different_people(
    turns: list[tuple[int, float, int, int]],
) -> None:
    said: list[list[Interval]] = [[], [], []]
    clock = 0.3
    for person, gap, count, pause in turns:
        start = max(clock + gap, 0.0, said[person][-1].end if said[person] else 0.0)
        said[person] += words(start, count, (pause, 2 * pause))
        clock = max(clock, said[person][-1].end)
    shots = find_shots(said, clock + 1.0)
    assert shots[0].start == 0.0 and {shot.person for shot in shots} <= {0, 1, 2}
    for before, after in pairwise([*shots, Shot(-1, clock + 1.0)]):
        assert after.start - before.start >= LEAST_SHOT - 1e-9 or len(shots) == 1
        assert before.person != after.person


def test_a_listener_who_nods_is_seen() -> None:
    long = words(0.0, 15)
    shots = find_shots([long, words(7.0, 4)], 9.0, [Shot(1, 3.0), Shot(0, 4.0), Shot(1, 5.8)])
    assert shots == (Shot(0, 0.0), Shot(1, 2.7), Shot(0, 4.3), Shot(1, 6.5))
