{{ config(tags=['ledger']) }}

with source as (

    select * from {{ source('ops', 'document_table') }}

)

select
    submission_id,
    table_number,
    sheet,
    first_row,
    last_row,
    letters,
    cells,
    fields,
    merged_rows
from source
