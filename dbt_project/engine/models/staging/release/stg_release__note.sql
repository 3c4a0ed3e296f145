{{ config(tags=['ledger']) }}

select
    note_id,
    release_number,
    indicator_code,
    area_code,
    period_code,
    reason,
    noted_by,
    noted_at
from {{ source('release', 'note') }}
