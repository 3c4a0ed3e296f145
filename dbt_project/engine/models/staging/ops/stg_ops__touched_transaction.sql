select
    report,
    submission_id,
    transaction_id,
    touched_at
from {{ source('ops', 'touched_submission') }}
