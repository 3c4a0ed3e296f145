"""Operations on a whole warehouse: queries, acceptance of held documents, rebuild of the ledger."""
