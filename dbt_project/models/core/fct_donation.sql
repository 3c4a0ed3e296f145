select
    donation_code,
    donated_date,
    donor_type,
    donor_uscc,
    form as donation_form,
    amount_yuan,
    is_restricted,
    project_code,
    receiver_uscc,
    unit_code as area_code,
    submission_id,
    sheet,
    row_number
from {{ ref('stg_charity__donation') }}
