"""Face-unit weights -> code -> weights: mean absolute error over the 52 ARKit units.

    python -m scripts.bench.bm_codec passages_eval

On performed frames (scripts/mira/dataset.py), and on each unit alone at weight 0.6, the others at their mean.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.codec import solve_contact
from scripts.bench.bm_likeness import AVATAR
from scripts.mira.dataset import Passages

NUM_ARKIT = 52
ALONE = 0.6


def main() -> None:
    """Print both errors."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path)
    parser.add_argument("--avatar", type=Path, default=AVATAR)
    options = parser.parse_args()
    codec = TexturedMesh.load({}, options.avatar).codec
    performed = np.concatenate([passage.channels for passage in Passages(options.passages)])
    exact = solve_contact(np.clip(performed, 0, 1), codec.units, codec.lips, codec.lids)
    again = codec.unit_weights(codec.encode_weights(exact))
    print(f"performed frames: {len(exact)}")
    print(f"MAE, weights -> code -> weights: {np.abs(again - exact)[:, :NUM_ARKIT].mean():.5f}")
    print(f"largest unit's MAE: {np.abs(again - exact)[:, :NUM_ARKIT].mean(0).max():.5f}")
    base = codec.unit_weights(np.zeros((1, codec.size), np.float32))
    alone = np.repeat(base, NUM_ARKIT, 0)
    alone[np.arange(NUM_ARKIT), np.arange(NUM_ARKIT)] = ALONE
    back = codec.unit_weights(codec.encode_weights(alone))
    error = np.abs(back - alone)[:, :NUM_ARKIT]
    lost = [codec.units[k] for k in range(NUM_ARKIT) if error[k, k] > 0.02]
    print(f"single units at {ALONE}: MAE {error.mean():.5f}; not held by a code: {', '.join(lost) or 'none'}")


if __name__ == "__main__":
    main()
