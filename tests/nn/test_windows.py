"""Windows over a clip."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.nn.windows import windows


@pytest.mark.parametrize("frames,size", [(1, 4), (4, 4), (103, 25)])
def test_windows_cover_every_frame_once_and_see_what_is_around_it(frames: int, size: int) -> None:
    clip, covered = np.arange(frames), []
    for span in windows(frames, size, 9, 3):
        seen = clip[span.seen]
        own = seen[span.own]
        assert len(own) <= size
        assert seen[0] == max(0, own[0] - 9) and seen[-1] == min(frames - 1, own[-1] + 3)
        covered += own.tolist()
    assert covered == clip.tolist()


def test_no_frames_need_no_window() -> None:
    assert not list(windows(0, 4, 9, 3))
