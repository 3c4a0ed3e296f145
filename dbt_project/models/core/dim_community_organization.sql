with snapshots as (

    select
        registered.*,
        coalesce(registered.town_code, towns.area_code) as known_town_code,
        coalesce(
            registered.filing_code,
            registered.uscc,
            concat_ws('|', coalesce(registered.town_code, towns.area_code), registered.village_code, registered.organization_name)
        ) as organization_key
    from {{ ref('stg_civil_affairs__community_organization') }} as registered
    left join {{ ref('named_area') }} as towns
        on registered.town_name = towns.area_name and registered.county_name = towns.within_name

),

numbered as (

    select
        *,
        row_number() over (partition by organization_key order by period_end desc nulls last, submission_id desc) as recency
    from snapshots

)

select
    organization_key,
    organization_name,
    organization_category,
    coalesce(village_code, known_town_code, unit_code) as area_code,
    known_town_code as town_code,
    is_hub,
    coalesce(is_wedding_council, false) as is_wedding_council,
    founded_date,
    coalesce(ended_date, absent_from_date) as ended_date,
    submission_id,
    sheet,
    row_number
from numbered
where recency = 1
