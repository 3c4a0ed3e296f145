"""Cross-report rules of a contract: what all kinds share, one module per kind, and what their columns must agree on.

`expectations/README.md` shows each kind in use. The rules run in the warehouse over current rows, always as warnings.
"""

from loaders.contract.cross_rules.base import BetweenReports, CrossRule, Pairs
from loaders.contract.cross_rules.registry import AnyCrossRule

__all__ = ["AnyCrossRule", "BetweenReports", "CrossRule", "Pairs"]
