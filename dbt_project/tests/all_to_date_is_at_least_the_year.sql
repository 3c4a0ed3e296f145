-- What happened to date is at least what happened in the year, and that at least what happened in the period, unless something
-- was taken back.
with taken_back as (

    select distinct indicator_code as measure_code
    from {{ ref('evidence') }}
    where quantity < 0

)

select held.*
from {{ ref('measure_value') }} as held
inner join {{ ref('measure') }} as measures on held.measure_code = measures.measure_code
where
    not measures.is_stock
    and not exists (
        select 1
        from taken_back
        where taken_back.measure_code = held.measure_code
    )
    and (held.to_date < held.ytd or held.ytd < held.value)
