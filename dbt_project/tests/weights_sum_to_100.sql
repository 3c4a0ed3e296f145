{{ config(tags=['structure']) }}

-- Scores are documented as points out of 100.
select
    'matching' as rule_name,
    sum(weight) as weights
from {{ ref('matching_weights') }}
having sum(weight) <> 100

union all

select
    'award ' || rule_year as rule_name,
    sum(weight) as weights
from {{ ref('award_weights') }}
group by rule_year
having sum(weight) <> 100
