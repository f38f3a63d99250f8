"""Warm starts: the weights of one flow for another that is told, or makes, something else besides."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from torch import Tensor

from avgen.flow.config import FACE, MEL, AVFlowConfig, spans


def widen(
    weights: Mapping[str, Tensor], old: AVFlowConfig, new: AVFlowConfig, forget: Collection[str] = ()
) -> dict[str, Tensor]:
    """Weights for a new configuration, which act as the old ones did until they are trained.

    What both configurations have by one name and in one size keeps its weights, wherever it stands; what only
    the new one reads or writes begins at zero. Their transformers must be of equal sizes.

    Args:
        weights: state of a flow of the old configuration.
        old: its configuration.
        new: the configuration to make weights for.
        forget: tracks that begin at zero although both have them.

    Returns:
        State of a flow of the new configuration.
    """
    wide = dict(weights)
    for audible, side in ((True, "audio"), (False, "visual")):
        before, after = (_tracks(config, audible) for config in (old, new))
        for head in (f"{side}.head.weight", f"{side}.head.bias"):
            wide[head] = _moved(weights[head], before, after, forget)
        embed, before, after = f"{side}.embed.weight", {**before, **_told(old)}, {**after, **_told(new)}
        wide[embed] = _moved(weights[embed].T, before, after, forget).T.contiguous()
    if old.tracks[FACE] != new.tracks[FACE]:
        wide["gaze.per_degree"] = weights["gaze.per_degree"].new_zeros(2, new.tracks[FACE])
        wide["gaze.least"] = weights["gaze.least"].new_zeros(new.tracks[FACE])
    return wide


def _tracks(config: AVFlowConfig, audible: bool) -> dict[str, int]:
    """Channels of the tracks of one transformer."""
    return {name: size for name, size in config.tracks.items() if (name == MEL) == audible}


def _told(config: AVFlowConfig) -> dict[str, int]:
    """Columns of the conditions, under names that no track has."""
    return {f"condition {name}": condition.columns for name, condition in config.conditions.items()}


def _moved(
    rows: Tensor, before: Mapping[str, int], after: Mapping[str, int], forget: Collection[str]
) -> Tensor:
    """Rows [sum of before, ...] of named streams, where the streams of another layout have them."""
    source, target = spans(before), spans(after)
    moved = rows.new_zeros(sum(after.values()), *rows.shape[1:])
    for name, size in after.items():
        if before.get(name) == size and name not in forget:
            moved[target[name]] = rows[source[name]]
    return moved
