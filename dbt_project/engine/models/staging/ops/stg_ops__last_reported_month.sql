with source as (

    select * from {{ source('ops', 'submission') }}

)

-- Read from the source, not from stg_ops__submission: what reads that view may change with any submission, this with few of them.
select date_trunc('month', max(period_end))::date as month_date
from source
where
    state in ('accepted', 'accepted_with_rejects', 'superseded')
    and period_start <= (arrived_at at time zone 'Asia/Shanghai')::date
