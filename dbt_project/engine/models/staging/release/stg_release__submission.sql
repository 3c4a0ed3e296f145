{{ config(tags=['ledger']) }}

select
    release_number,
    submission_id,
    report,
    unit_code,
    period_code,
    source_uri,
    sha256
from {{ source('release', 'submission') }}
