{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['indicator_code', 'area_code']}]
) }}

-- A snapshot: all figures of one build are computed from it, and rows that are loaded meanwhile wait for the next build.
-- dim_period is built first, so that every event date has its period.
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
