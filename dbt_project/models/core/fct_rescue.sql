with callouts as (

    select
        calls.*,
        calls.called_at::date as called_date,
        coalesce(places.area_code, calls.unit_code) as area_code,
        teams.uscc,
        concat_ws('|', calls.called_at::date, replace(calls.place, ' ', ''), calls.event_type) as event_key
    from {{ ref('stg_social_work__rescue') }} as calls
    left join {{ ref('named_area') }} as places on calls.county_name = places.area_name and places.within_name = ''
    left join {{ ref('named_organization') }} as teams on calls.organization_name = teams.organization_name

),

-- Two teams at one event report the same people: the larger number counts, once.
ranked as (

    select
        *,
        row_number() over (partition by event_key order by called_at, callout_code) as event_rank,
        row_number() over (partition by event_key order by rescued_persons desc, callout_code asc) as rescued_rank,
        row_number() over (partition by event_key order by recovered_persons desc, callout_code asc) as recovered_rank
    from callouts

)

select
    callout_code,
    called_date,
    called_at,
    event_key,
    event_rank = 1 as is_first_of_event,
    organization_name,
    uscc,
    place as place_name,
    area_code,
    event_type,
    callout_count,
    responder_persons,
    rescued_persons,
    recovered_persons,
    case when rescued_rank = 1 then rescued_persons else 0 end as event_rescued_persons,
    case when recovered_rank = 1 then recovered_persons else 0 end as event_recovered_persons,
    is_free,
    submission_id,
    sheet,
    row_number
from ranked
