with years as (

    select distinct year_number from {{ ref('dim_period') }}

),

-- A pairing or brand counts in every year between its dates; everything else in the year of its event.
activities as (

    select
        participation.*,
        years.year_number
    from {{ ref('fct_participation') }} as participation
    inner join years
        on
            extract(year from participation.event_date) = years.year_number
            or (
                participation.participation_kind in ('pairing', 'brand')
                and extract(year from participation.event_date) < years.year_number
                and (participation.end_date is null or extract(year from participation.end_date) >= years.year_number)
            )

),

yearly_activity as (

    select
        uscc,
        year_number,
        count(distinct subject_key) filter (where participation_kind = 'pairing') as villages_paired_count,
        coalesce(sum(quantity) filter (where participation_kind = 'pairing_funds'), 0) as pairing_funds_yuan,
        coalesce(sum(quantity) filter (where participation_kind = 'pairing_goods'), 0) as pairing_goods_yuan,
        count(distinct subject_key) filter (where participation_kind = 'demand') as demands_matched_count,
        count(distinct subject_key) filter (where participation_kind = 'project') as projects_count,
        count(distinct subject_key) filter (where participation_kind = 'enterprise') as enterprises_count,
        count(distinct subject_key) filter (where participation_kind = 'training') as trainings_count,
        coalesce(sum(quantity) filter (where participation_kind = 'cultural_activity'), 0)::bigint as cultural_sessions_count,
        coalesce(sum(quantity) filter (where participation_kind = 'party_activity'), 0)::bigint as party_activities_count,
        count(distinct subject_key) filter (where participation_kind = 'contest_project') as contest_projects_count,
        coalesce(sum(quantity) filter (where participation_kind in ('donation', 'goods')), 0) as donated_yuan,
        count(distinct subject_key) filter (where participation_kind = 'brand') as brands_count,
        coalesce(sum(quantity) filter (where participation_kind = 'rescue'), 0)::bigint as callouts_count,
        coalesce(sum(quantity) filter (where participation_kind = 'meals'), 0)::bigint as meals_count
    from activities
    group by uscc, year_number

),

graded as (

    select
        uscc,
        year_number,
        grade,
        total_score,
        programme_full_score,
        programme_score,
        coalesce(is_recommended, false) as is_recommended
    from {{ ref('fct_grade') }}
    where year_number in (select years.year_number from years)

),

inspections as (

    select
        uscc,
        year::integer as year_number,
        check_result
    from {{ ref('stg_civil_affairs__annual_report') }}

),

rows_by_year as (

    select
        coalesce(yearly_activity.uscc, graded.uscc) as uscc,
        coalesce(yearly_activity.year_number, graded.year_number) as year_number,
        coalesce(yearly_activity.villages_paired_count, 0) as villages_paired_count,
        coalesce(yearly_activity.pairing_funds_yuan, 0) as pairing_funds_yuan,
        coalesce(yearly_activity.pairing_goods_yuan, 0) as pairing_goods_yuan,
        coalesce(yearly_activity.demands_matched_count, 0) as demands_matched_count,
        coalesce(yearly_activity.projects_count, 0) as projects_count,
        coalesce(yearly_activity.enterprises_count, 0) as enterprises_count,
        coalesce(yearly_activity.trainings_count, 0) as trainings_count,
        coalesce(yearly_activity.cultural_sessions_count, 0) as cultural_sessions_count,
        coalesce(yearly_activity.party_activities_count, 0) as party_activities_count,
        coalesce(yearly_activity.contest_projects_count, 0) as contest_projects_count,
        coalesce(yearly_activity.donated_yuan, 0) as donated_yuan,
        coalesce(yearly_activity.brands_count, 0) as brands_count,
        coalesce(yearly_activity.callouts_count, 0) as callouts_count,
        coalesce(yearly_activity.meals_count, 0) as meals_count,
        yearly_activity.uscc is not null as has_taken_part,
        graded.grade,
        graded.total_score,
        graded.programme_full_score,
        graded.programme_score,
        (100 * graded.programme_score / nullif(graded.total_score, 0))::numeric(5, 2) as programme_share_pct,
        (100 * graded.programme_score / nullif(graded.programme_full_score, 0))::numeric(5, 2) as programme_score_pct,
        coalesce(graded.is_recommended, false) as is_recommended
    from yearly_activity
    full outer join graded on yearly_activity.uscc = graded.uscc and yearly_activity.year_number = graded.year_number

),

-- The rule in force in a year: the newest whose year is not later.
rules as (

    select
        years.year_number,
        weights.item,
        weights.weight,
        weights.full_at
    from years
    inner join {{ ref('award_weights') }} as weights
        on
            weights.rule_year = (
                select max(earlier.rule_year)
                from {{ ref('award_weights') }} as earlier
                where earlier.rule_year <= years.year_number
            )

),

awarded as (

    select
        rows_by_year.uscc,
        rows_by_year.year_number,
        sum(rules.weight * least(1, coalesce(items.amount, 0) / rules.full_at)) as award_score
    from rows_by_year
    cross join
        lateral (
            values
            ('programme_score_pct', rows_by_year.programme_score_pct),
            ('villages_paired_count', rows_by_year.villages_paired_count),
            ('pairing_funds_yuan', rows_by_year.pairing_funds_yuan),
            ('projects_count', rows_by_year.projects_count),
            ('demands_matched_count', rows_by_year.demands_matched_count),
            ('enterprises_count', rows_by_year.enterprises_count),
            ('donated_yuan', rows_by_year.donated_yuan),
            ('cultural_sessions_count', rows_by_year.cultural_sessions_count),
            ('party_activities_count', rows_by_year.party_activities_count)
        ) as items (item, amount)
    inner join rules on rows_by_year.year_number = rules.year_number and items.item = rules.item
    group by rows_by_year.uscc, rows_by_year.year_number

),

assessed as (

    select
        rows_by_year.*,
        organizations.organization_name,
        organizations.organization_type,
        organizations.area_code,
        organizations.status,
        inspections.check_result,
        awarded.award_score,
        rows_by_year.has_taken_part
        and organizations.status = '正常'
        and coalesce(inspections.check_result not in ('不合格', '未年检', '未报'), true) as is_eligible
    from rows_by_year
    left join {{ ref('dim_organization') }} as organizations on rows_by_year.uscc = organizations.uscc
    left join inspections on rows_by_year.uscc = inspections.uscc and rows_by_year.year_number = inspections.year_number
    left join awarded on rows_by_year.uscc = awarded.uscc and rows_by_year.year_number = awarded.year_number

)

select
    uscc as organization_code,
    year_number::text as period_code,
    organization_name,
    organization_type,
    area_code,
    status,
    check_result,
    villages_paired_count,
    pairing_funds_yuan::numeric(18, 2) as pairing_funds_yuan,
    pairing_goods_yuan::numeric(18, 2) as pairing_goods_yuan,
    demands_matched_count,
    projects_count,
    enterprises_count,
    trainings_count,
    cultural_sessions_count,
    party_activities_count,
    contest_projects_count,
    donated_yuan::numeric(18, 2) as donated_yuan,
    brands_count,
    callouts_count,
    meals_count,
    has_taken_part,
    grade,
    total_score,
    programme_full_score,
    programme_score,
    programme_share_pct,
    programme_score_pct,
    is_recommended,
    coalesce(is_eligible, false) as is_eligible,
    coalesce(award_score, 0)::numeric(6, 2) as award_score,
    case when is_eligible then rank() over (
        partition by year_number, coalesce(is_eligible, false) order by coalesce(award_score, 0) desc
    ) end as award_priority
from assessed
