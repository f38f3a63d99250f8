"""Which clip is next."""

from __future__ import annotations

from avgen.jobs.queue import Queue


def test_a_scene_waits_for_its_peoples_clips() -> None:
    keys = [
        {"sample": "a", "mux": "1"},
        {"sample": "b", "mux": "2"},
        {"mux": "3"},
        {"sample": "c", "mux": "4"},
    ]
    queue = Queue(keys, {2: [0, 1]})
    for number in (2, 0, 1, 3):
        queue.add(number)
    assert [queue.take("cpu", False, running) for running in ((), (0,), (0, 1))] == [0, 1, 3]
    assert queue.take("cpu", False, [1, 3]) is None
    assert queue.take("cpu", False, [3]) == 2
