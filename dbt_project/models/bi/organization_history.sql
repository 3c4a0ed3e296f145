select
    uscc as organization_code,
    version_number,
    organization_name,
    organization_type,
    area_code,
    supervisor_name,
    registered_capital_yuan,
    is_charity,
    can_fundraise,
    status,
    valid_from_at,
    valid_until_at,
    is_current
from {{ ref('dim_organization_history') }}
