-- PostgreSQL cannot guess how many organisations fit a demand: joined row by row, two seconds became thirty.
{{ config(
    materialized='table_in_place',
    keep='same_rows',
    indexes=[{'columns': ['demand_code']}],
    pre_hook='set local enable_nestloop = off'
) }}

with means as materialized (

    select * from {{ ref('organization_means') }}
    where is_in_good_standing

),

-- Of all words that fit, the best speaks.
fields as materialized (

    select distinct on (words.demand_type, means.uscc)
        words.demand_type,
        means.uscc,
        words.fit as field_share,
        words.basis as field_basis,
        words.word as field_word
    from means
    inner join {{ ref('matching_fields') }} as words
        on
            (words.basis = 'industry' and means.industry = words.word)
            or (words.basis = 'name' and strpos(means.organization_name, words.word) > 0)
    order by words.demand_type asc, means.uscc asc, words.fit desc, words.basis desc, words.word asc

),

places as materialized (

    select distinct
        things.uscc,
        ancestors.ancestor_code as area_code
    from {{ ref('fct_participation') }} as things
    inner join {{ ref('area_ancestor') }} as ancestors on things.area_code = ancestors.area_code

    union

    select
        uscc,
        area_code
    from means

),

-- A village is nearer than its town, a town nearer than its county; all that is in the city is near to some degree.
nearness as (

    select
        demands.demand_code,
        areas.area_level,
        ancestors.ancestor_code as area_code,
        case areas.area_level when 'village' then 1 when 'town' then 0.8 when 'county' then 0.5 else 0.2 end as place_share
    from {{ ref('fct_demand') }} as demands
    inner join {{ ref('area_ancestor') }} as ancestors on demands.area_code = ancestors.area_code
    inner join {{ ref('dim_area') }} as areas on ancestors.ancestor_code = areas.area_code
    where demands.is_open and areas.area_level in ('village', 'town', 'county', 'city')

),

nearest as materialized (

    select distinct on (nearness.demand_code, places.uscc)
        nearness.demand_code,
        places.uscc,
        nearness.place_share,
        nearness.area_level as place_level
    from nearness
    inner join places on nearness.area_code = places.area_code
    order by nearness.demand_code asc, places.uscc asc, nearness.place_share desc

),

weights as (

    select
        max(weight) filter (where part = 'field') as field_weight,
        max(weight) filter (where part = 'place') as place_weight,
        max(weight) filter (where part = 'record') as record_weight,
        max(full_at) filter (where part = 'record') as record_full_at,
        max(weight) filter (where part = 'grade') as grade_weight,
        max(full_at) filter (where part = 'grade') as grade_full_at,
        max(weight) filter (where part = 'resources') as resources_weight
    from {{ ref('matching_weights') }}

),

scored as (

    select
        demands.demand_code,
        means.uscc,
        means.organization_name,
        fields.field_basis,
        fields.field_word,
        nearest.place_level,
        means.works_count,
        means.grade,
        means.means_yuan,
        demands.fund_needed_yuan,
        round(weights.field_weight * fields.field_share, 2) as field_score,
        round(weights.place_weight * coalesce(nearest.place_share, 0), 2) as place_score,
        round(weights.record_weight * least(1, means.works_count / weights.record_full_at), 2) as record_score,
        round(weights.grade_weight * least(1, means.grade_number / weights.grade_full_at), 2) as grade_score,
        -- Where no money is asked for, everyone has the means.
        round(weights.resources_weight * least(1, coalesce(means.means_yuan / nullif(demands.fund_needed_yuan, 0), 1)), 2)
            as resources_score
    from {{ ref('fct_demand') }} as demands
    inner join fields on demands.demand_type = fields.demand_type
    inner join means on fields.uscc = means.uscc
    left join nearest on demands.demand_code = nearest.demand_code and fields.uscc = nearest.uscc
    cross join weights
    where demands.is_open

),

ranked as (

    select
        *,
        field_score + place_score + record_score + grade_score + resources_score as score,
        row_number() over (
            partition by demand_code
            order by field_score + place_score + record_score + grade_score + resources_score desc, uscc asc
        ) as candidate_rank,
        count(*) over (partition by demand_code) as organizations_in_field_count
    from scored

)

select
    demand_code,
    candidate_rank::integer as candidate_rank,
    uscc,
    organization_name,
    score,
    field_score,
    place_score,
    record_score,
    grade_score,
    resources_score,
    field_basis,
    field_word,
    place_level,
    works_count,
    grade,
    means_yuan,
    fund_needed_yuan,
    organizations_in_field_count
from ranked
where candidate_rank <= 5
