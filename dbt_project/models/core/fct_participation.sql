with contest_projects as (

    select
        projects.*,
        coalesce(projects.uscc, named.uscc) as known_uscc,
        make_date(projects.year::integer, 12, 31) as year_end_date
    from {{ ref('stg_civil_affairs__contest_project') }} as projects
    left join {{ ref('named_organization') }} as named on projects.organization_name = named.organization_name

),

taken_part as (

    {{ participation_row('pairing', ref('fct_pairing'),
        event_date='paired_date', end_date='ended_date', subject_key='village_key') }}

    union all

    {{ participation_row('pairing_funds', ref('fct_pairing_input'),
        event_date='occurred_date', subject_key='input_code',
        quantity='amount_yuan', where='is_money') }}

    union all

    {{ participation_row('pairing_goods', ref('fct_pairing_input'),
        event_date='occurred_date', subject_key='input_code',
        quantity='amount_yuan', where='not is_money') }}

    union all

    {{ participation_row('demand', ref('fct_demand'),
        event_date='matched_date', subject_key='demand_code', uscc='matched_uscc',
        where='is_matched') }}

    union all

    {{ participation_row('project', ref('dim_project'),
        event_date='coalesce(started_date, completed_date)',
        subject_key='project_code') }}

    union all

    {{ participation_row('enterprise', ref('fct_investment'),
        event_date='coalesce(signed_date, as_of_date)',
        subject_key='enterprise_key', where='next_as_of_date is null') }}

    union all

    {{ participation_row('party_activity', ref('fct_activity'),
        event_date='held_date', subject_key='activity_code',
        quantity='session_count', where="activity_kind = 'party'") }}

    union all

    {{ participation_row('cultural_activity', ref('fct_activity'),
        event_date='held_date', subject_key='activity_code',
        quantity='session_count', where="activity_kind = 'culture'") }}

    union all

    {{ participation_row('training', ref('fct_training'),
        event_date='held_date', subject_key='training_code', uscc='host_uscc',
        quantity='coalesce(session_count, 1)') }}

    union all

    {{ participation_row('contest_project', 'contest_projects',
        event_date='year_end_date', subject_key='project_code', uscc='known_uscc',
        area_code='unit_code', where='is_programme_project') }}

    union all

    {{ participation_row('donation', ref('fct_donation'),
        event_date='donated_date', subject_key='donation_code', uscc='donor_uscc',
        quantity='amount_yuan') }}

    union all

    {{ participation_row('goods', ref('fct_goods_delivery'),
        event_date='delivered_date', subject_key='delivery_code', uscc='donor_uscc',
        quantity='value_yuan') }}

    union all

    {{ participation_row('brand', ref('dim_brand'),
        event_date='founded_date', subject_key='brand_name', area_code='unit_code') }}

    union all

    {{ participation_row('rescue', ref('fct_rescue'),
        event_date='called_date', subject_key='callout_code', quantity='callout_count') }}

    union all

    {{ participation_row('meals', ref('fct_meal_month'),
        event_date='month_end_date', subject_key='meal_point_code',
        quantity='meal_delivered_count') }}

)

-- Donors and hosts may be enterprises or offices, which have codes too; only registered organizations are kept.
select taken_part.*
from taken_part
inner join {{ ref('dim_organization') }} as organizations on taken_part.uscc = organizations.uscc
