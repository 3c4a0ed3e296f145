with town_quarters as (

    select
        towns.area_code as town_code,
        towns.area_name as town_name,
        towns.parent_code as county_code,
        towns.zone_code,
        quarters.period_code,
        quarters.start_date,
        quarters.end_date
    from {{ ref('dim_area') }} as towns
    cross join {{ ref('dim_period') }} as quarters
    where towns.area_level = 'town' and towns.is_current and quarters.period_kind = 'quarter'

),

stations as (

    {{ count_active_at_period_end(ref('dim_station'), 'opened_date', 'closed_date') }}

),

workers as (

    {{ count_active_at_period_end(ref('dim_worker'), 'hired_date', 'left_date') }}

),

organizations as (

    {{ count_active_at_period_end(ref('dim_community_organization'), 'founded_date', 'ended_date') }}

),

funds as (

    {{ count_active_at_period_end(ref('dim_fund'), 'founded_date', 'ended_date') }}

),

services as (

    select
        town_code,
        to_char(month_end_date, 'YYYY"Q"Q') as period_code,
        sum(service_persons) as service_persons,
        sum(volunteer_persons) as volunteer_persons
    from {{ ref('fct_service_month') }}
    group by town_code, to_char(month_end_date, 'YYYY"Q"Q')

),

activities as (

    select
        town_code,
        to_char(held_date, 'YYYY"Q"Q') as period_code,
        count(*) as activities_count,
        count(*) filter (where has_all_six) as full_activities_count,
        count(*) filter (where has_community) as community_activities_count,
        count(*) filter (where has_residents) as resident_activities_count,
        count(*) filter (where has_social_worker) as worker_activities_count,
        count(*) filter (where has_organization) as organization_activities_count,
        count(*) filter (where has_volunteer) as volunteer_activities_count,
        count(*) filter (where has_fund) as fund_activities_count,
        sum(volunteer_persons) as volunteer_persons
    from {{ ref('fct_linked_activity') }}
    group by town_code, to_char(held_date, 'YYYY"Q"Q')

),

counted as (

    select
        town_quarters.*,
        coalesce(stations.active_count, 0) as stations_count,
        coalesce(services.service_persons, 0)::bigint as service_persons,
        coalesce(workers.active_count, 0) as working_persons,
        coalesce(organizations.active_count, 0) as organizations_count,
        (coalesce(services.volunteer_persons, 0) + coalesce(activities.volunteer_persons, 0))::bigint as volunteer_persons,
        coalesce(funds.active_count, 0) as funds_count,
        coalesce(activities.activities_count, 0) as activities_count,
        coalesce(activities.full_activities_count, 0) as full_activities_count,
        coalesce(activities.community_activities_count, 0) as community_activities_count,
        coalesce(activities.resident_activities_count, 0) as resident_activities_count,
        coalesce(activities.worker_activities_count, 0) as worker_activities_count,
        coalesce(activities.organization_activities_count, 0) as organization_activities_count,
        coalesce(activities.volunteer_activities_count, 0) as volunteer_activities_count,
        coalesce(activities.fund_activities_count, 0) as fund_activities_count
    from town_quarters
    left join stations on town_quarters.town_code = stations.town_code and town_quarters.period_code = stations.period_code
    left join services on town_quarters.town_code = services.town_code and town_quarters.period_code = services.period_code
    left join workers on town_quarters.town_code = workers.town_code and town_quarters.period_code = workers.period_code
    left join organizations
        on town_quarters.town_code = organizations.town_code and town_quarters.period_code = organizations.period_code
    left join funds on town_quarters.town_code = funds.town_code and town_quarters.period_code = funds.period_code
    left join activities on town_quarters.town_code = activities.town_code and town_quarters.period_code = activities.period_code

),

indexed as (

    select
        *,
        (stations_count > 0)::integer + (service_persons > 0)::integer + (working_persons > 0)::integer
        + (organizations_count > 0)::integer + (volunteer_persons > 0)::integer + (funds_count > 0)::integer as present_count,
        (stations_count > 0 and community_activities_count > 0)::integer
        + (service_persons > 0 and resident_activities_count > 0)::integer
        + (working_persons > 0 and worker_activities_count > 0)::integer
        + (organizations_count > 0 and organization_activities_count > 0)::integer
        + (volunteer_persons > 0 and volunteer_activities_count > 0)::integer
        + (funds_count > 0 and fund_activities_count > 0)::integer as linkage_index
    from counted

)

select
    town_code,
    town_name,
    county_code,
    zone_code,
    period_code,
    stations_count,
    service_persons,
    working_persons,
    organizations_count,
    volunteer_persons,
    funds_count,
    activities_count,
    full_activities_count,
    community_activities_count,
    resident_activities_count,
    worker_activities_count,
    organization_activities_count,
    volunteer_activities_count,
    fund_activities_count,
    present_count,
    linkage_index,
    (100.0 * linkage_index / 6)::numeric(5, 1) as linkage_pct
from indexed
