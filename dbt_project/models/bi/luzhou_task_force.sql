with quarters as (

    select
        period_code,
        start_date,
        end_date
    from {{ ref('dim_period') }}
    where period_kind = 'quarter'

),

task_force_areas as (

    select area_code
    from {{ ref('area_ancestor') }}
    where ancestor_code = '{{ task_force_town() }}'

),

records as (

    select
        quarters.period_code,
        -- “联合市直7个部门” does not count the bureau itself, which leads them.
        count(distinct records.department_name) filter (
            where records.record_type = '派驻部门' and strpos(records.department_name, '民政局') = 0
        ) as departments_count,
        count(*) filter (where records.record_type = '调研' and records.event_date >= quarters.start_date) as visits_count,
        count(*) filter (
            where records.record_type = '调研' and records.leader_post = '主要负责同志' and records.event_date >= quarters.start_date
        ) as principal_visits_count,
        count(*) filter (where records.record_type = '调研' and records.leader_post = '主要负责同志')
            as principal_visits_to_date_count,
        coalesce(sum(records.issue_count) filter (where records.event_date >= quarters.start_date), 0)::bigint
            as problems_found_count
    from quarters
    inner join {{ ref('fct_task_force_record') }} as records on quarters.end_date >= records.event_date
    inner join task_force_areas on records.area_code = task_force_areas.area_code
    group by quarters.period_code

),

projects as (

    select
        quarters.period_code,
        count(*) filter (
            where projects.completed_date is null or projects.completed_date > quarters.end_date
        ) as projects_under_way_count,
        count(*) filter (where projects.completed_date <= quarters.end_date) as projects_completed_to_date_count
    from quarters
    inner join {{ ref('dim_project') }} as projects
        on coalesce(projects.started_date, projects.completed_date) <= quarters.end_date
    inner join task_force_areas on projects.area_code = task_force_areas.area_code
    group by quarters.period_code

),

investment as (

    select
        quarters.period_code,
        count(*) as enterprises_count,
        sum(investments.invested_yuan) filter (where investments.as_of_date >= quarters.start_date) as invested_yuan,
        sum(investments.area_mu) filter (where investments.as_of_date >= quarters.start_date) as reclaimed_mu,
        sum(investments.invested_cumulative_yuan) as invested_to_date_yuan,
        sum(investments.area_cumulative_mu) as reclaimed_to_date_mu
    from quarters
    inner join {{ ref('fct_investment') }} as investments
        on
            quarters.end_date >= investments.as_of_date
            and (investments.next_as_of_date is null or quarters.end_date < investments.next_as_of_date)
    inner join task_force_areas on investments.area_code = task_force_areas.area_code
    group by quarters.period_code

),

trainees as (

    select
        quarters.period_code,
        count(distinct trained.trainee_key) as trained_persons
    from quarters
    inner join {{ ref('fct_training') }} as trained
        on trained.training_kind = 'skills' and trained.held_date between quarters.start_date and quarters.end_date
    inner join task_force_areas on trained.area_code = task_force_areas.area_code
    group by quarters.period_code

),

-- As the audit of disclosures lets it be shown.
disabled_trainees as (

    select
        period_code,
        value as trained_persons
    from {{ ref('shown_value') }}
    where indicator_code = 'CA-SK-01' and area_code = '{{ task_force_town() }}'

),

culture as (

    select
        quarters.period_code,
        sum(activities.session_count) as cultural_sessions_count,
        sum(activities.couplet_pairs) as couplet_pairs
    from quarters
    inner join {{ ref('fct_activity') }} as activities
        on activities.activity_kind = 'culture' and activities.held_date between quarters.start_date and quarters.end_date
    inner join task_force_areas on activities.area_code = task_force_areas.area_code
    group by quarters.period_code

)

select
    '{{ task_force_town() }}' as town_code,
    quarters.period_code,
    coalesce(records.departments_count, 0) as departments_count,
    coalesce(records.visits_count, 0) as visits_count,
    coalesce(records.principal_visits_count, 0) as principal_visits_count,
    coalesce(records.principal_visits_to_date_count, 0) as principal_visits_to_date_count,
    coalesce(records.problems_found_count, 0) as problems_found_count,
    coalesce(projects.projects_under_way_count, 0) as projects_under_way_count,
    coalesce(projects.projects_completed_to_date_count, 0) as projects_completed_to_date_count,
    coalesce(investment.enterprises_count, 0) as enterprises_count,
    coalesce(investment.invested_yuan, 0)::numeric(18, 2) as invested_yuan,
    coalesce(investment.invested_to_date_yuan, 0)::numeric(18, 2) as invested_to_date_yuan,
    coalesce(investment.reclaimed_mu, 0)::numeric(14, 2) as reclaimed_mu,
    coalesce(investment.reclaimed_to_date_mu, 0)::numeric(14, 2) as reclaimed_to_date_mu,
    -- All of them may be disabled.
    case
        when disabled_trainees.trained_persons is not null then coalesce(trainees.trained_persons, 0)
    end::bigint as trained_persons,
    disabled_trainees.trained_persons::bigint as disabled_trained_persons,
    coalesce(culture.cultural_sessions_count, 0)::bigint as cultural_sessions_count,
    coalesce(culture.couplet_pairs, 0)::bigint as couplet_pairs
from quarters
left join records on quarters.period_code = records.period_code
left join projects on quarters.period_code = projects.period_code
left join investment on quarters.period_code = investment.period_code
left join trainees on quarters.period_code = trainees.period_code
left join disabled_trainees on quarters.period_code = disabled_trainees.period_code
left join culture on quarters.period_code = culture.period_code
