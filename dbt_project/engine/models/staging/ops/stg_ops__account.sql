{{ config(tags=['ledger']) }}

with source as (

    select * from {{ source('ops', 'account') }}

),

renamed as (

    select
        report,
        unit_code,
        period as period_code,
        source_uri,
        sha256,
        state,
        rows_total as total_count,
        raw_rows as loaded_count,
        held_rows as quarantined_count,
        rows_furniture as furniture_count,
        difference as difference_count,
        cardinality(source_uris) as places_count
    from source

)

select * from renamed
