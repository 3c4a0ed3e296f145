"""Whole numbers that add up to a total of the city's facts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def shared_out(weights: NDArray[np.float64] | Sequence[float], total: int) -> list[int]:
    """Whole numbers in proportion to the weights that add up to `total` (largest remainders)."""
    exact = np.asarray(weights, dtype=float)
    exact = exact * (total / exact.sum())
    shares = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - shares), kind="stable")[: total - int(shares.sum())]
    shares[rest] += 1
    return [int(share) for share in shares]
