-- Evidence of a code that is not in the dictionary would count for nothing. Tests only what is new.
select evidence.*
from {{ ref('evidence') }} as evidence
where
    {{ is_new('evidence') }}
    and not exists (
        select 1 from {{ ref('measure') }} as measures
        where measures.measure_code = evidence.indicator_code
    )
