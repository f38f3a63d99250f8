"""Weights between two flows."""

from __future__ import annotations

from dataclasses import replace

import torch

from avgen.flow.avflow import AVFlow
from avgen.flow.config import Condition
from avgen.flow.widen import widen
from scripts.train.blend_flows import blend
from tests.flow.test_widen import CONDITIONS, OLD, trained


def test_what_both_know_lies_between_and_what_is_new_stays() -> None:
    before = trained()
    after = AVFlow(replace(OLD, conditions={**CONDITIONS, "partner_face": Condition(3)}))
    wide = widen(before.state_dict(), OLD, after.config)
    after.load_state_dict({name: value + 1.0 for name, value in wide.items()})
    new = [tracks_and_told(after, name) for name in ("audio", "visual")]
    for share in (0.0, 0.25, 1.0):
        mixed = blend(before, after, share)
        for name, value in mixed.items():
            expected = wide[name] + share
            if name in ("audio.embed.weight", "visual.embed.weight"):
                columns = new[name.startswith("visual")]
                assert torch.equal(value[:, columns], torch.ones_like(value[:, columns]))
                expected[:, columns] = 1.0
            torch.testing.assert_close(value, expected)


def tracks_and_told(flow: AVFlow, side: str) -> slice:
    """Columns of the new condition in the first layer of a transformer: the last ones."""
    inputs = flow.state_dict()[f"{side}.embed.weight"].shape[1]
    return slice(inputs - Condition(3).columns, inputs)
