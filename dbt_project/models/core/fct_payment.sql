select
    'medical_aid' as payment_kind,
    payments.aid_code as payment_code,
    payments.paid_date,
    payments.resident_id_key as person_key,
    coalesce(towns.area_code, payments.unit_code) as area_code,
    payments.amount_yuan,
    payments.brand as brand_name,
    payments.submission_id,
    payments.sheet,
    payments.row_number
from {{ ref('stg_charity__medical_aid') }} as payments
left join {{ ref('named_area') }} as towns on payments.town_name = towns.area_name and payments.county_name = towns.within_name

union all

select
    'student_grant' as payment_kind,
    payments.grant_code as payment_code,
    payments.paid_date,
    payments.resident_id_key as person_key,
    coalesce(towns.area_code, payments.unit_code) as area_code,
    payments.amount_yuan,
    payments.brand as brand_name,
    payments.submission_id,
    payments.sheet,
    payments.row_number
from {{ ref('stg_charity__student_grant') }} as payments
left join {{ ref('named_area') }} as towns on payments.town_name = towns.area_name and payments.county_name = towns.within_name
