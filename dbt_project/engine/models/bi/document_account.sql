select
    report,
    unit_code,
    period_code,
    source_uri,
    sha256,
    state,
    total_count,
    loaded_count,
    quarantined_count,
    furniture_count,
    difference_count,
    places_count
from {{ ref('stg_ops__account') }}
