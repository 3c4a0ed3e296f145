with numbered as (

    select
        *,
        row_number() over (partition by worker_code order by period_end desc nulls last, submission_id desc) as recency
    from {{ ref('stg_social_work__social_worker') }}

)

select
    numbered.worker_code,
    numbered.station_code,
    coalesce(stations.town_code, numbered.unit_code) as town_code,
    numbered.post,
    numbered.qualification,
    numbered.hired_date,
    coalesce(numbered.left_date, numbered.absent_from_date) as left_date,
    numbered.submission_id,
    numbered.sheet,
    numbered.row_number
from numbered
left join {{ ref('dim_station') }} as stations on numbered.station_code = stations.station_code
where numbered.recency = 1
