"""`avgen cache`."""

from __future__ import annotations

import json
import re
import time

import click

from avgen.cli.terminal import say

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def _bytes(ctx: click.Context, param: click.Parameter, value: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", value.strip().upper())
    if match is None:
        raise click.BadParameter(f"expected a size like 500MB or 20GB, got {value!r}.")
    return int(float(match[1]) * _UNITS[match[2]])


@click.group(epilog="Example: avgen cache ls")
def cache() -> None:
    """List, check and clean what stages have computed ($AVGEN_CACHE_DIR)."""


@cache.command(epilog="Example: avgen cache ls --json")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def ls(as_json: bool) -> None:
    """List the entries, the most recently used first."""
    from avgen.takes.cache import Cache, default_root

    root = default_root()
    found = sorted(Cache(root).entries(), key=lambda pair: pair[1], reverse=True)
    if as_json:
        rows = [{"key": e.key, "stage": e.stage, "bytes": e.size, "used": used} for e, used in found]
        say(json.dumps({"root": str(root), "entries": rows}, indent=1))
        return
    for entry, used in found:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(used))
        say(f"{entry.key[:16]}  {entry.stage:<9}{entry.size / 1e6:9.2f} MB  {when}")
    say(f"{root}: {len(found)} entries, {sum(e.size for e, _ in found) / 1e6:.1f} MB", err=True)


@cache.command(epilog="Example: avgen cache verify")
def verify() -> None:
    """Compare every entry with its hash; what is damaged goes to quarantine and will be made again."""
    from avgen.takes.cache import Cache, default_root

    swept = Cache(default_root()).verify()
    say(f"{swept.kept} entries are whole, {swept.removed} were damaged")
    if swept.removed:
        click.get_current_context().exit(1)


@cache.command(epilog="Example: avgen cache gc --max-size 5GB")
@click.option(
    "--max-size", callback=_bytes, default="20GB", show_default=True, help="What may stay, such as 500MB."
)
def gc(max_size: int) -> None:
    """Remove the least recently used entries until the rest fits, and what killed runs left."""
    from avgen.takes.cache import Cache, default_root

    swept = Cache(default_root()).gc(max_size)
    say(
        f"{swept.removed} entries removed ({swept.removed_bytes / 1e6:.1f} MB), "
        f"{swept.kept} kept ({swept.kept_bytes / 1e6:.1f} MB)"
    )
