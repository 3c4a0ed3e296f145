with source as (

    select * from {{ source('ops', 'touched_submission') }}

)

-- Transactions before the snapshot's first running one are all in it; the condition on them uses the index.
select
    source.report,
    source.submission_id,
    max(source.touched_at) as touched_at
from source
where
    source.transaction_id
    >= (select pg_snapshot_xmin(horizons.horizon_snapshot) from {{ ref('stg_ops__build_horizon') }} as horizons)
    and not pg_visible_in_snapshot(
        source.transaction_id,
        (select horizons.horizon_snapshot from {{ ref('stg_ops__build_horizon') }} as horizons)
    )
group by source.report, source.submission_id
