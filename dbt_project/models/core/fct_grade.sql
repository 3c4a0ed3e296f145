select
    uscc,
    year::integer as year_number,
    organization_name,
    unit_code as area_code,
    assess_type,
    total_score,
    programme_full_score,
    programme_score,
    grade,
    -- Validation has normalized AAAAA and 5A级 to 5A. Without a grade the number is null.
    substring(grade from '^[1-5]')::integer as grade_number,
    is_recommended,
    submission_id,
    sheet,
    row_number
from {{ ref('stg_civil_affairs__organization_grading') }}
