"""Apportionment of a total into whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def apportion(weights: NDArray[np.float64] | Sequence[float], total: int) -> list[int]:
    """Divides `total` into whole numbers in proportion to the weights (method of largest remainders)."""
    exact = np.asarray(weights, dtype=float)
    exact = exact * (total / exact.sum())
    shares = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - shares), kind="stable")[: total - int(shares.sum())]
    shares[rest] += 1
    return [int(share) for share in shares]
