-- Which rows of service_shift are evidence of which indicator: `huimin new-indicator CODE --report service_shift`.
{{ evidence_row('ZY-SV-01', ref('stg_volunteering__service_shift'),
    event_date="served_date", subject_key="volunteer_code", area_code="town_code") }}
