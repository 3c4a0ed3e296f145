with last_release as (

    select
        release_number,
        released_at,
        build_id
    from {{ ref('stg_release__release') }}
    order by release_number desc
    limit 1

),

ended as (

    select
        *,
        row_number() over (order by build_id desc) as age_ordinal
    from {{ ref('stg_ops__build') }}
    where ended_at is not null

)

-- A release freezes what the last build made: no build runs meanwhile. Where its number was not kept, the time tells it.
select
    last_release.release_number,
    last_release.released_at,
    released.build_id,
    released.started_at as build_started_at,
    released.snapshot as build_snapshot,
    released.cluster_id = (select control.system_identifier from pg_control_system() as control) as is_same_server,
    released.dictionary_fingerprint <> latest.dictionary_fingerprint as dictionary_differs,
    released.hierarchy_fingerprint <> latest.hierarchy_fingerprint as hierarchy_differs,
    released.rules_fingerprint <> latest.rules_fingerprint
    or released.engine_fingerprint <> latest.engine_fingerprint as models_differ
from last_release
left join ended as released
    on released.build_id = coalesce(
        last_release.build_id,
        (
            select max(older.build_id)
            from ended as older
            where older.ended_at <= last_release.released_at
        )
    )
left join ended as latest on latest.age_ordinal = 1
