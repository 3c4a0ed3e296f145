-- Counting rows would disclose the numbers that are not shown.
select
    sides.indicator_code,
    sides.side,
    sides.measure_code,
    ancestors.ancestor_code as area_code,
    '{{ env_var("HUIMIN_DBT_ROOT_DIVISION") }}' as city_code,
    sides.unit,
    sides.scale,
    sides.aggregation,
    sides.is_stock,
    evidence.event_date,
    evidence.end_date,
    evidence.quantity::numeric(20, 6) as quantity,
    evidence.subject_key as subject,
    evidence.submission_id,
    evidence.sheet,
    evidence.row_number,
    sides.is_hidden
from {{ ref('indicator_side') }} as sides
inner join {{ ref('evidence') }} as evidence on sides.measure_code = evidence.indicator_code
inner join {{ ref('area_ancestor') }} as ancestors on evidence.area_code = ancestors.area_code
