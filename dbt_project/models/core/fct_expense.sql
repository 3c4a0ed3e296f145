select
    expenses.expense_code,
    expenses.paid_date,
    expenses.project_code,
    expenses.project_name,
    expenses.expense_type,
    expenses.amount_yuan,
    expenses.beneficiary_persons,
    coalesce(areas.area_code, expenses.unit_code) as area_code,
    expenses.submission_id,
    expenses.sheet,
    expenses.row_number
from {{ ref('stg_charity__charity_expense') }} as expenses
left join {{ ref('named_area') }} as areas on expenses.area_name = areas.area_name and areas.within_name = ''
