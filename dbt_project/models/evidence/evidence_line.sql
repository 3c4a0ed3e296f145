{{ union_evidence() }}
