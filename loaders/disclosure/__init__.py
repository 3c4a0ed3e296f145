"""Which counts of persons may be shown: who counts where and what was ever shown -> what may be shown now.

What may enter: arrays of units, areas and months. What may not: the warehouse, documents, sentences.
"""

from loaders.disclosure.decision import Decision, decide
from loaders.disclosure.population import MEMBER, MEMBER_FOR_A_TIME, SMALLEST_SHOWN, Cell, Population, Span, UnitState

__all__ = ["MEMBER", "MEMBER_FOR_A_TIME", "SMALLEST_SHOWN", "Cell", "Decision", "Population", "Span", "UnitState", "decide"]
