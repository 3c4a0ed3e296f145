{{ config(
    materialized='table_in_place',
    keep='same_rows',
    indexes=[{'columns': ['indicator_code', 'area_code']}]
) }}

-- The cut that all figures of one build are made from: what loads add meanwhile waits for the next build.
-- Periods are cut first, so that no evidence finds its period missing.
-- depends_on: {{ ref('dim_period') }}
select
    indicator_code,
    area_code,
    event_date,
    end_date,
    quantity,
    subject_key,
    submission_id,
    sheet,
    row_number
from {{ ref('evidence_line') }}
