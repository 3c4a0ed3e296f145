"""Lineage for a catalog: OpenLineage events made of the ledger, from the file of a document to the values of a release.

The ledger is the source, not what happens while something runs: events can be sent late, by another process, and again, and say
the same of the same run. Needs the extra `lineage`.
"""
