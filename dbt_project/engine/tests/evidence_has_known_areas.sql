-- Evidence for a place that is not in the list of divisions would be missing from every figure. Tests only what is new.
select evidence.*
from {{ ref('evidence') }} as evidence
where
    {{ is_new('evidence') }}
    and not exists (
        select 1 from {{ ref('dim_area') }} as areas
        where areas.area_code = evidence.area_code
    )
