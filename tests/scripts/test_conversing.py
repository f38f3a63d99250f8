"""Conversations as training data: what is drawn, and what a flow is told of a partner."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from scripts.train.conversing import as_tracked  # noqa: E402
from scripts.train.data import CONVERSING, Crops, Example, Partner  # noqa: E402

FRAMES = 40


def example(*, pair: bool, label: int) -> Example:
    labels = torch.full((FRAMES,), label, dtype=torch.uint8)
    partner = Partner(labels + 1, torch.full((FRAMES, 55), 0.5).half()) if pair else None
    return Example(labels, torch.zeros(FRAMES, 5).half(), torch.zeros(FRAMES, 135).half(), 0, partner)


def test_conversations_are_drawn_in_their_share_and_others_have_no_partner() -> None:
    crops = Crops(
        [example(pair=True, label=1), *(example(pair=False, label=2) for _ in range(9))], 2, 20, 600, 0
    )
    batch = crops()
    assert batch.listening.float().mean() == pytest.approx(CONVERSING, abs=0.06)
    told = batch.conditions()
    assert told["partner_face"].isnan().any(-1).all(1).equal(~batch.listening)
    heard = told["partner_tokens"][batch.listening]
    assert (heard.argmax(-1) == 2).all() and heard.sum(-1).allclose(torch.ones(1), atol=1e-4)


def test_without_conversations_nothing_is_told_of_partners() -> None:
    assert "partner_face" not in Crops([example(pair=False, label=2)], 2, 20, 4, 0)().conditions()


def test_tracked_faces_differ_and_are_gone_for_a_while() -> None:
    torch.manual_seed(0)
    face = torch.full((200, FRAMES, 55), 0.5)
    tracked = as_tracked(face)
    gone = tracked.isnan().any(-1)
    assert 0.02 < gone.any(1).float().mean() < 0.3
    assert tracked[~gone].min() >= -1 and tracked[..., :52][~gone].max() <= 1
    assert tracked[~gone].std() > 0.03
