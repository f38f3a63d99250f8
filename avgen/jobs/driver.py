"""Makes planned clips one after the other; a bad one does not stop the others."""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence
from contextlib import ExitStack

from avgen.cache import DEFAULT_LIMIT, Cache
from avgen.components import Models
from avgen.errors import AvgenError, OutputError, StageError
from avgen.files import remove_stale_parts
from avgen.jobs.lock import folder_lock
from avgen.media.provenance import RECEIPT_FOLDER, is_done, read_receipt, receipt_path
from avgen.pipeline import ClipResult, Listener, run_clip
from avgen.plan import FINAL_STAGE, ClipSpec, downstream, stage_keys

_log = logging.getLogger(__name__)


def run(
    specs: Sequence[ClipSpec],
    cache: Cache,
    listen: Listener,
    *,
    force: str | None = None,
    overwrite: bool = False,
    wait: bool = False,
) -> list[ClipResult]:
    """Make every clip that is not there yet.

    Args:
        specs: from `plan`, all of one actor.
        cache: where results are kept.
        listen: called with the progress.
        force: stage from which everything is made anew.
        overwrite: replace files that avgen did not write.
        wait: for another run in the same folder to end.

    Returns:
        One result per clip, in order.

    Raises:
        LockedError: if another run writes to the same folder.
        OutputError: if a disk is full.
    """
    results: list[ClipResult] = []
    with ExitStack() as stack:
        for folder in sorted({spec.output.parent for spec in specs}):
            stack.enter_context(folder_lock(folder, wait))
            remove_stale_parts(folder / RECEIPT_FOLDER, older_than=0.0)
        models = Models(specs[0].actor)
        for spec in specs:
            results.append(_run_one(spec, cache, models, listen, force, overwrite))
    cache.gc(DEFAULT_LIMIT)
    return results


def _run_one(
    spec: ClipSpec, cache: Cache, models: Models, listen: Listener, force: str | None, overwrite: bool
) -> ClipResult:
    key = stage_keys(spec)[FINAL_STAGE]
    receipt = read_receipt(spec.output)
    if force is None and is_done(spec.output, key) and receipt is not None:
        return ClipResult(
            *(spec.name, str(spec.output), "unchanged", spec.seed, key), receipt.frames, receipt.duration
        )
    try:
        if spec.output.exists() and not receipt_path(spec.output).exists() and not overwrite:
            raise StageError(
                f"{spec.output} exists and avgen did not write it. Move it, or replace it with --overwrite."
            )
        return run_clip(spec, cache, models, listen, downstream(force))
    except (StageError, MemoryError) as error:
        reason = str(error) or "out of memory"
    except AvgenError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(
                f"{spec.output}: the disk is full. Free some space and run it again."
            ) from error
        reason = f"{error.strerror}: {error.filename}"
    except Exception as error:
        _log.exception("%s: internal error", spec.name)
        reason = f"internal error: {type(error).__name__}: {error}"
    return ClipResult(spec.name, str(spec.output), "failed", spec.seed, key, error=reason)
