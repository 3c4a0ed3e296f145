"""Anomalies of accepted values: series of numbers -> what differs from its own history, and what was expected instead.

What may enter: statistics over arrays of numbers. What may not: the warehouse, documents, sentences.
"""

from loaders.anomalies.columns import ColumnCounts, find_column_anomalies
from loaders.anomalies.kinds import Anomaly, AnomalyKind
from loaders.anomalies.panel import Panel, find_value_anomalies
from loaders.anomalies.seasons import season_of

__all__ = ["Anomaly", "AnomalyKind", "ColumnCounts", "Panel", "find_column_anomalies", "find_value_anomalies", "season_of"]
