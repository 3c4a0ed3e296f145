with station_months as (

    select
        stations.*,
        months.period_code,
        months.start_date,
        months.end_date
    from {{ ref('dim_station') }} as stations
    inner join {{ ref('dim_period') }} as months
        on
            months.period_kind = 'month'
            and stations.opened_date <= months.end_date
            and (stations.closed_date is null or stations.closed_date > months.start_date)

),

workers as (

    select
        staff.station_code,
        months.period_code,
        count(*) as roster_persons
    from {{ ref('dim_worker') }} as staff
    inner join {{ ref('dim_period') }} as months
        on
            months.period_kind = 'month'
            and staff.hired_date <= months.end_date
            and (staff.left_date is null or staff.left_date > months.end_date)
    group by staff.station_code, months.period_code

),

visits as (

    select
        station_code,
        to_char(visited_date, 'YYYY-MM') as period_code,
        count(*) filter (where visit_mode = '入户') as home_visits_count,
        coalesce(sum(visit_persons) filter (where visit_mode = '入户'), 0) as home_visit_persons,
        count(*) filter (where visit_mode <> '入户') as other_visits_count
    from {{ ref('fct_home_visit') }}
    group by station_code, to_char(visited_date, 'YYYY-MM')

),

cases as (

    select
        records.station_code,
        months.period_code,
        count(*) filter (where records.opened_date >= months.start_date) as cases_opened_count,
        count(*) filter (where records.closed_date <= months.end_date) as cases_closed_count,
        count(*) filter (where records.closed_date is null or records.closed_date > months.end_date) as cases_open_count
    from {{ ref('fct_case') }} as records
    inner join {{ ref('dim_period') }} as months
        on
            months.period_kind = 'month'
            and records.opened_date <= months.end_date
            and (records.closed_date is null or records.closed_date >= months.start_date)
    group by records.station_code, months.period_code

),

counted as (

    select
        station_months.*,
        coalesce(workers.roster_persons, station_months.worker_persons) as working_persons,
        coalesce(visits.home_visits_count, 0) as home_visits_count,
        coalesce(visits.home_visit_persons, 0) as home_visit_persons,
        coalesce(visits.other_visits_count, 0) as other_visits_count,
        coalesce(cases.cases_opened_count, 0) as cases_opened_count,
        coalesce(cases.cases_closed_count, 0) as cases_closed_count,
        coalesce(cases.cases_open_count, 0) as cases_open_count,
        services.service_persons,
        services.group_session_count,
        services.community_event_count,
        services.client_persons
    from station_months
    left join workers
        on station_months.station_code = workers.station_code and station_months.period_code = workers.period_code
    left join visits
        on station_months.station_code = visits.station_code and station_months.period_code = visits.period_code
    left join cases
        on station_months.station_code = cases.station_code and station_months.period_code = cases.period_code
    left join {{ ref('fct_service_month') }} as services
        on station_months.station_code = services.station_code and station_months.period_code = services.month_code

)

select
    counted.station_code,
    counted.station_name,
    counted.station_type,
    counted.period_code,
    counted.area_code,
    counted.town_code,
    towns.area_name as town_name,
    towns.parent_code as county_code,
    towns.zone_code,
    counted.working_persons,
    counted.client_persons,
    counted.home_visits_count,
    counted.home_visit_persons::bigint as home_visit_persons,
    counted.other_visits_count,
    counted.cases_opened_count,
    counted.cases_open_count,
    counted.cases_closed_count,
    counted.group_session_count,
    counted.community_event_count,
    counted.service_persons,
    (counted.home_visits_count::numeric / nullif(counted.working_persons, 0))::numeric(12, 2) as home_visits_per_worker,
    (counted.cases_open_count::numeric / nullif(counted.working_persons, 0))::numeric(12, 2) as cases_open_per_worker,
    (counted.service_persons::numeric / nullif(counted.working_persons, 0))::numeric(12, 2) as service_persons_per_worker
from counted
left join {{ ref('dim_area') }} as towns on counted.town_code = towns.area_code
