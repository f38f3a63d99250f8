"""People at random: weights of MakeHuman's morph targets, as various as people are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avgen.casting.words import OPPOSITES

Array = NDArray[np.float64]

DETAIL_SPREAD, LESS_SPREAD, ONE_WAY_SPREAD, ASYMMETRY_SPREAD = 0.2, 0.1, 0.12, 0.07
LESS = ("head/head-trans", "head/head-angle", "forehead/forehead-nubian", "eyes/*-eye-push", "neck/", "ears/")
"""Targets that are used less: they leave what faces look like soonest."""
LEFT_OUT = ("asym/asymm-", "ears/*-ear-shape", "head/head-age")


def features(names: Sequence[str]) -> list[tuple[dict[str, float], float, bool]]:
    """What faces differ in beyond ancestry, sex, age and build.

    Returns:
        Weights of targets for one unit of each, its standard deviation, and whether it goes one way only.
    """
    out: list[tuple[dict[str, float], float, bool]] = []
    done: set[str] = set()
    for name in names:
        folder, _, stem = name.partition("/")
        if folder == "macrodetails" or name in done or stem.startswith("r-"):
            continue
        plain = name.replace("/l-", "/*-")
        if plain.startswith(LEFT_OUT):
            continue
        pair = next((name[: -len(a)] + b for a, b in OPPOSITES if name.endswith("-" + a)), "")
        if any(name.endswith("-" + b) and name[: -len(b)] + a in names for a, b in OPPOSITES):
            continue
        sides = (name, name.replace("/l-", "/r-")) if stem.startswith("l-") else (name,)
        weights = dict.fromkeys(sides, 1.0)
        if pair in names:
            weights |= {side: -1.0 for side in (pair, pair.replace("/l-", "/r-")) if side in names}
        done |= weights.keys()
        spread = (
            ASYMMETRY_SPREAD if folder == "asym" else ONE_WAY_SPREAD if pair not in names else DETAIL_SPREAD
        )
        out.append((weights, LESS_SPREAD if plain.startswith(LESS) else spread, pair not in names))
    return out


def person(names: Sequence[str], rng: np.random.Generator) -> Array:
    """Weights [n] of the named targets for somebody."""
    weights = dict.fromkeys(names, 0.0)
    ancestry = rng.dirichlet((0.6, 0.6, 0.6))
    male, old = float(rng.random() < 0.5), rng.beta(0.8, 1.2)
    male = float(np.clip(male + rng.normal(0, 0.12), 0, 1))
    build, muscle = rng.normal(0, 0.4), rng.normal(0, 0.35)
    for gender, a in (("female", 1 - male), ("male", male)):
        for age, b in (("young", 1 - old), ("old", old)):
            for k, group in enumerate(("african", "asian", "caucasian")):
                weights[f"macrodetails/{group}-{gender}-{age}"] += a * b * ancestry[k]
            for m, u in _three(muscle, "muscle").items():
                for w, v in _three(build, "weight").items():
                    weights[f"macrodetails/universal-{gender}-{age}-{m}-{w}"] = a * b * u * v
    for feature, spread, one_way in features(names):
        value = rng.normal(0, spread)
        for name, sign in feature.items():
            part = max(sign * value, 0.0) if not one_way else abs(value)
            weights[name] += part
    return np.array([weights[name] for name in names])


def _three(value: float, kind: str) -> dict[str, float]:
    """Shares of the least, the average and the most of a property, for a value about 0."""
    value = float(np.clip(value, -1, 1))
    return {f"min{kind}": max(-value, 0), f"average{kind}": 1 - abs(value), f"max{kind}": max(value, 0)}
