select
    build_id,
    started_at,
    ended_at,
    snapshot,
    cluster_id,
    is_whole,
    dictionary_fingerprint,
    hierarchy_fingerprint,
    rules_fingerprint,
    engine_fingerprint
from {{ source('ops', 'build') }}
