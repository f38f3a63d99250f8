from __future__ import annotations

import os

import pytest

from avgen.errors import InputError
from avgen.jobs import devices
from avgen.jobs.devices import find_devices, worker_specs


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cuda_devices", lambda: 3)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cpu", ("cpu",)),
        ("auto", ("cuda:0", "cuda:1", "cuda:2")),
        ("cuda", ("cuda:0",)),
        ("cuda:2,0", ("cuda:2", "cuda:0")),
        ("cuda:1,cuda:2,cuda:1", ("cuda:1", "cuda:2")),
    ],
)
def test_devices_are_found(gpus: None, text: str, found: tuple[str, ...]) -> None:
    assert find_devices(text) == found


@pytest.mark.parametrize("text", ["gpu", "cuda:", "cuda:3", "cuda:0,,1", "cpu,cuda:0", ""])
def test_other_devices_are_errors(gpus: None, text: str) -> None:
    with pytest.raises(InputError, match="devices: "):
        find_devices(text)


def test_auto_without_gpus_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cuda_devices", lambda: 0)
    assert find_devices("auto") == ("cpu",)
    with pytest.raises(InputError, match="this machine has no GPU"):
        find_devices("cuda:0")


def test_each_worker_sees_its_own_gpu(gpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = worker_specs(("cuda:0", "cuda:2"), 3, 10)
    assert [spec.name for spec in specs] == ["cuda:0#1", "cuda:2", "cuda:0#2"]
    assert [spec.environment["CUDA_VISIBLE_DEVICES"] for spec in specs] == ["0", "2", "0"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,6,7")
    assert worker_specs(("cuda:2",), None, 10)[0].environment["CUDA_VISIBLE_DEVICES"] == "7"


def test_workers_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert [spec.environment["OMP_NUM_THREADS"] for spec in worker_specs(("cpu",), 2, 10)] == ["1", "1"]
    assert len(worker_specs(("cpu",), 4, 1)) == 1
    assert 1 <= len(worker_specs(("cpu",), None, 100)) <= 8
