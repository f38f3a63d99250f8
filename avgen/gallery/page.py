"""The page: data as JSON inside a template with its own style and script, nothing from outside."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from avgen.errors import StageError
from avgen.files import read_start
from avgen.media.thumbnails import thumbnail
from avgen.takes.folder import Failure, Finished
from avgen.takes.picks import PICK_COLUMNS, pick_row

GENERATOR: Final = b'<meta name="generator" content="avgen">'
THUMBNAIL_AT: Final = 0.4
"""Part of the duration after which the thumbnail is taken."""


def build_page(takes: Sequence[Finished], failures: Sequence[Failure], title: str, folder: Path) -> str:
    """Return the page.

    Args:
        takes: to be chosen from.
        failures: to be listed.
        title: names the page.
        folder: where the page will lie; it refers to the videos from there.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each thread waits for its ffmpeg
        posters = list(pool.map(_poster, takes))
    data = {
        "columns": PICK_COLUMNS,
        "metrics": sorted({name for take in takes for name in take.metrics}),
        "takes": [_row(take, poster, folder) for take, poster in zip(takes, posters, strict=True)],
        "failed": [{"id": failure.id, "error": failure.error} for failure in failures],
    }
    style, script = _part("page.css"), _part("page.js")
    values = {
        "title": html.escape(title),
        "style": style,
        "style_hash": _source_hash(style),
        "script": script,
        "script_hash": _source_hash(script),
        "data": _json_for_html(data),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], _part("page.html"))


def is_ours(page: Path) -> bool:
    """Tell whether a file is a page that `build_page` made."""
    try:
        return GENERATOR in read_start(page, 1000)
    except OSError:
        return False


def _row(take: Finished, poster: str, folder: Path) -> dict[str, Any]:
    receipt = take.receipt
    settings = {name: str(value) for name, value in receipt.settings.items()}
    return {
        "file": take.output.name,
        "src": quote(os.path.relpath(take.output.absolute(), folder.absolute())),
        "poster": poster,
        "clip": receipt.clip,
        "text": receipt.text,
        "actor": receipt.actor,
        "seed": receipt.seed,
        "camera": settings["camera"],
        "duration": receipt.duration,
        "metrics": dict(take.metrics),
        "settings": settings,
        "row": pick_row(take),
    }


def _poster(take: Finished) -> str:
    """Return a thumbnail as a data URI, or nothing for a file that ffmpeg cannot read."""
    try:
        picture = thumbnail(take.output, THUMBNAIL_AT * take.receipt.duration)
    except StageError:
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def _json_for_html(data: object) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def _source_hash(source: str) -> str:
    """Return what the page's content security policy calls an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _part(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
