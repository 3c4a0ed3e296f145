with snapshots as (

    select
        pairs.*,
        towns.area_code as town_code,
        coalesce(
            pairs.village_code, concat_ws('|', coalesce(towns.area_code, pairs.county_name, pairs.unit_code), pairs.village_name)
        ) as village_key
    from {{ ref('stg_civil_affairs__pairing') }} as pairs
    left join {{ ref('named_area') }} as towns on pairs.town_name = towns.area_name and pairs.county_name = towns.within_name

),

numbered as (

    select
        *,
        row_number() over (partition by uscc, village_key order by period_end desc nulls last, submission_id desc) as recency
    from snapshots

)

select
    uscc,
    village_key,
    coalesce(village_code, town_code, unit_code) as area_code,
    coalesce(town_code, left(village_code, 9)) as town_code,
    organization_name,
    village_name,
    paired_date,
    coalesce(ended_date, absent_from_date) as ended_date,
    status,
    status = '结对中' and absent_from_date is null as is_current,
    submission_id,
    sheet,
    row_number
from numbered
where recency = 1
