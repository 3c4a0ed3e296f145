-- Which rows of canteen are evidence of which indicator: `huimin new-indicator CODE --report canteen`.
{{ evidence_row('YL-CT-01', ref('stg_elderly_care__canteen'),
    event_date="opened_date", end_date="closed_date", subject_key="canteen_code", area_code="town_code") }}

union all

{{ evidence_row('YL-CT-02', ref('stg_elderly_care__canteen'),
    event_date="opened_date", end_date="closed_date", subject_key="canteen_code", area_code="town_code", quantity='seat_count') }}
