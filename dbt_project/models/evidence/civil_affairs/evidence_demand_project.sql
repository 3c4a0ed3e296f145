{{ evidence_row('CA-DM-01', ref('fct_demand'), event_date='registered_date', subject_key='demand_code') }}

union all

{{ evidence_row('demands_matched', ref('fct_demand'),
    event_date='matched_date', subject_key='demand_code', where='is_matched and matched_date is not null') }}
