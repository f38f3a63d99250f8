from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from avgen.takes.cache import Cache, content_key, default_root


def fill(cache: Cache, count: int, size: int = 100) -> list[str]:
    """Entries of distinct contents, the first one the least recently used."""
    keys = [content_key({"n": n}) for n in range(count)]
    for n, key in enumerate(keys):
        cache.put(key, "sample", ".bin", [bytes([n]) * size])
        os.utime(cache.root / "ac" / key[:2] / f"{key}.json", (1000 + n, 1000 + n))
    return keys


def test_key_is_canonical_and_golden() -> None:
    assert content_key({"b": 1, "a": [1.5, "ü", None]}) == content_key({"a": [1.5, "ü", None], "b": 1})
    assert (
        content_key({"schema": 1, "stage": "tokenize", "seed": 7})
        == "59653237ac7403247b74182fd1be8f0d306444347831106661c1cc9e74946fc4"
    )


def test_put_then_get_returns_the_content(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.get("0" * 64) is None
    cache.put("0" * 64, "sample", ".bin", [b"ab", b"c"])
    path = cache.get("0" * 64)
    assert path is not None and path.read_bytes() == b"abc" and path.suffix == ".bin"
    assert cache.contains("0" * 64) and not cache.contains("1" * 64)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("damage", [b"", b"ab", b"abd", b"ab\0", None])
def test_damaged_content_is_a_miss_and_quarantined(tmp_path: Path, damage: bytes | None) -> None:
    cache = Cache(tmp_path)
    cache.put("0" * 64, "sample", ".bin", [b"abc"])
    path = cache.get("0" * 64)
    assert path is not None
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    assert cache.get("0" * 64) is None
    assert not cache.contains("0" * 64)
    assert (damage is not None) == (tmp_path / "quarantine").is_dir()


def test_two_hundred_damaged_entries_are_all_found(tmp_path: Path) -> None:
    """Emptied, halved, one bit flipped, their end zeroed, gone; or their record cut."""
    cache = Cache(tmp_path)
    keys = fill(cache, 200, size=120)
    for n, key in enumerate(keys):
        content = cache.get(key)
        assert content is not None
        good = content.read_bytes()
        flipped = bytes([*good[: n % 120], good[n % 120] ^ 1 << n % 8, *good[n % 120 + 1 :]])
        bad = (b"", good[:60], flipped, good[:100] + b"\0" * 20 if n else b"\0", None, good)[n % 6]
        if bad is None:
            content.unlink()
        else:
            content.write_bytes(bad)
        if bad == good:
            record = tmp_path / "ac" / key[:2] / f"{key}.json"
            record.write_bytes(record.read_bytes()[: n % 100])
    assert not any(cache.get(key) for key in keys)
    assert cache.verify().kept == 0
    assert fill(cache, 200, size=120) == keys and all(cache.get(key) for key in keys)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": "x"}'])
def test_damaged_record_is_a_miss_and_quarantined(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path)
    cache.put("0" * 64, "sample", ".bin", [b"abc"])
    (record,) = (tmp_path / "ac").glob("*/*.json")
    record.write_bytes(damage)
    assert cache.get("0" * 64) is None
    assert list((tmp_path / "quarantine").iterdir())
    cache.put("0" * 64, "sample", ".bin", [b"abc"])
    assert cache.get("0" * 64) is not None


def test_unwritable_cache_costs_a_warning_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put("0" * 64, "sample", ".bin", [b"abc"])
    assert cache.get("0" * 64) is None
    assert "the sample result was not cached" in caplog.text


def test_gc_removes_the_least_recently_used_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keys = fill(cache, 5)
    cache.get(keys[0])
    swept = cache.gc(limit=300)
    assert (swept.kept, swept.kept_bytes, swept.removed, swept.removed_bytes) == (3, 300, 2, 200)
    assert [cache.contains(key) for key in keys] == [True, False, False, True, True]
    assert len(list((tmp_path / "cas").glob("*/*"))) == 3


def test_gc_keeps_pinned_entries_and_shared_contents(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keys = fill(cache, 3)
    twin = content_key({"twin": True})
    cache.put(twin, "sample", ".bin", [b"\0" * 100])
    swept = cache.gc(limit=100, pinned={keys[1]})
    assert cache.contains(keys[1]) and swept.removed == 3
    assert cache.get(keys[1]) is not None


def test_gc_removes_what_dead_runs_left_but_nothing_of_running_ones(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    fill(cache, 1)
    old = time.time() - 48 * 3600
    names = ("cas/.a.1.part", "cas/.b.2.part", "cas/aa/orphan.bin", "cas/aa/fresh.bin")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    for name in (names[0], names[2]):
        os.utime(tmp_path / name, (old, old))
    cache.gc()
    assert [(tmp_path / name).exists() for name in names] == [False, True, False, True]


def test_verify_counts_whole_and_damaged_entries(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keys = fill(cache, 3)
    path = cache.get(keys[1])
    assert path is not None
    path.write_bytes(b"?")
    swept = cache.verify()
    assert (swept.kept, swept.removed) == (2, 1)
    assert cache.verify().removed == 0


def test_root_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AVGEN_CACHE_DIR", str(tmp_path))
    assert default_root() == tmp_path
    monkeypatch.delenv("AVGEN_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_root() == tmp_path / "avgen"
