{{ config(
    materialized='incremental',
    incremental_strategy='write_evidence',
    indexes=[
        {'columns': ['indicator_code', 'area_code']},
        {'columns': ['indicator_code', 'event_date']},
        {'columns': ['indicator_code', 'end_date']},
        {'columns': ['indicator_code', 'subject_key']},
        {'columns': ['submission_id']},
        {'columns': ['since_build']}
    ]
) }}

-- A snapshot: all figures of one build are computed from it, and rows that are loaded meanwhile wait for the next build.
-- dim_period is built first, so that every event date has its period.
-- depends_on: {{ ref('dim_period') }}
-- depends_on: {{ ref('superseded_evidence') }}
-- depends_on: {{ ref('stg_ops__touched_submission') }}
-- depends_on: {{ ref('evidence_fingerprint') }}
{{ union_evidence(evidence_scope(is_stored=is_incremental()), build_horizon().number) }}
