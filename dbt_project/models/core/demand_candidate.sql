-- PostgreSQL underestimates how many organizations fit a demand: with nested loops, two seconds became thirty.
{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['demand_code']}],
    pre_hook='set local enable_nestloop = off'
) }}

with organizations as materialized (

    select * from {{ ref('organization_resources') }}
    where is_in_good_standing

),

-- The best of all words that fit.
fields as materialized (

    select distinct on (words.demand_type, organizations.uscc)
        words.demand_type,
        organizations.uscc,
        words.fit as field_share,
        words.basis as field_basis,
        words.word as field_word
    from organizations
    inner join {{ ref('matching_fields') }} as words
        on
            (words.basis = 'industry' and organizations.industry = words.word)
            or (words.basis = 'name' and strpos(organizations.organization_name, words.word) > 0)
    order by words.demand_type asc, organizations.uscc asc, words.fit desc, words.basis desc, words.word asc

),

places as materialized (

    select distinct
        participation.uscc,
        ancestors.ancestor_code as area_code
    from {{ ref('fct_participation') }} as participation
    inner join {{ ref('area_ancestor') }} as ancestors on participation.area_code = ancestors.area_code

    union

    select
        uscc,
        area_code
    from organizations

),

-- Weights by the lowest common area: village, town, county, city.
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
        organizations.uscc,
        organizations.organization_name,
        fields.field_basis,
        fields.field_word,
        nearest.place_level,
        organizations.works_count,
        organizations.grade,
        organizations.resources_yuan,
        demands.fund_needed_yuan,
        round(weights.field_weight * fields.field_share, 2) as field_score,
        round(weights.place_weight * coalesce(nearest.place_share, 0), 2) as place_score,
        round(weights.record_weight * least(1, organizations.works_count / weights.record_full_at), 2) as record_score,
        round(weights.grade_weight * least(1, organizations.grade_number / weights.grade_full_at), 2) as grade_score,
        -- A demand that needs no money gives every organization all points.
        round(
            weights.resources_weight
            * least(1, coalesce(organizations.resources_yuan / nullif(demands.fund_needed_yuan, 0), 1)), 2
        ) as resources_score
    from {{ ref('fct_demand') }} as demands
    inner join fields on demands.demand_type = fields.demand_type
    inner join organizations on fields.uscc = organizations.uscc
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
    resources_yuan,
    fund_needed_yuan,
    organizations_in_field_count
from ranked
where candidate_rank <= 5
