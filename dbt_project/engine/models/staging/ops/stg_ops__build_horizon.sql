with source as (

    select * from {{ source('ops', 'build') }}

),

-- A snapshot of another server, of which this is a copy, says nothing about the transactions of this one.
ended as (

    select
        build_id,
        snapshot
    from source
    where
        ended_at is not null
        and snapshot is not null
        and cluster_id = (select control.system_identifier from pg_control_system() as control)
    order by build_id desc
    limit 1

)

select
    coalesce(max(ended.build_id), 0) as horizon_number,
    max(ended.snapshot::text)::pg_snapshot as horizon_snapshot,
    coalesce(
        max(source.build_id) filter (where source.ended_at is null and source.build_id > coalesce(ended.build_id, 0)),
        coalesce(max(source.build_id), 0) + 1
    ) as build_number
from source
left join ended on true
