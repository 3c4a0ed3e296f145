select
    uscc,
    organization_name,
    organization_type,
    founded_date,
    registered_capital_yuan,
    registrar_code as area_code,
    supervisor_name,
    industry,
    status,
    is_charity,
    can_fundraise,
    absent_from_date,
    submission_id,
    sheet,
    row_number
from {{ ref('stg_civil_affairs__social_organization') }}
