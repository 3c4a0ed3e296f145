-- Only where a stock ends, and what divisions count for, may stay open. Tests only what is new.
select evidence.*
from {{ ref('evidence') }} as evidence
where
    {{ is_new('evidence') }}
    and num_nulls(
        evidence.indicator_code,
        evidence.area_code,
        evidence.event_date,
        evidence.quantity,
        evidence.subject_key,
        evidence.model_name
    ) > 0
