-- The list of figures is a seed, not a report: its evidence has no submission. The subject names the row of the list, by its area
-- and day.
select
    measure_code as indicator_code,
    counts_in_code as area_code,
    from_date as event_date,
    until_date as end_date,
    quantity::numeric as quantity,
    concat_ws('|', area_code, as_of_date, from_date, nullif(counts_in_code, area_code)) as subject_key,
    null::bigint as submission_id,
    null::text as sheet,
    null::integer as row_number
from {{ ref('area_figure_part') }}
