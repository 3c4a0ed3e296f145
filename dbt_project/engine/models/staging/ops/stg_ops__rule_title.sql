with source as (

    select * from {{ source('ops', 'rule_title') }}

)

select
    rule,
    title_zh,
    title_en
from source
