{{ config(tags=['ledger']) }}

select
    release_number,
    period_code,
    released_at,
    approved_by,
    reason,
    git_revision,
    release_hash,
    build_id
from {{ source('release', 'release') }}
