-- Which rows of canteen_quarter are evidence of which indicator: `huimin new-indicator CODE --report canteen_quarter`.
{{ evidence_row('YL-ML-01', ref('stg_elderly_care__canteen_quarter'),
    event_date="period_end", subject_key="canteen_code", area_code="unit_code", quantity='meal_persons') }}

union all

{{ evidence_row('YL-ML-02', ref('stg_elderly_care__canteen_quarter'),
    event_date="period_end", subject_key="canteen_code", area_code="unit_code", quantity='subsidy_yuan') }}
