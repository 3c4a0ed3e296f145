with months as (

    select
        *,
        row_number() over (partition by case_code order by period_end desc nulls last, submission_id desc) as recency,
        sum(contact_count) over (partition by case_code) as contacts_to_date
    from {{ ref('stg_social_work__casework') }}

)

select
    months.case_code,
    to_char(months.period_end, 'YYYY-MM') as last_month_code,
    months.station_code,
    coalesce(stations.area_code, months.unit_code) as area_code,
    months.worker_code,
    months.client_code,
    months.case_type,
    months.opened_date,
    months.closed_date,
    months.status,
    months.contacts_to_date as contact_count,
    months.submission_id,
    months.sheet,
    months.row_number
from months
left join {{ ref('dim_station') }} as stations on months.station_code = stations.station_code
where months.recency = 1
