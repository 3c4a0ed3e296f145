{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed_rows',
    indexes=[{'columns': ['organization_name']}]
) }}

-- Example: 惠州市书法家协会 is also written 市书法家协会 and 书法家协会.
with names as (

    select
        uscc,
        organization_name
    from {{ ref('dim_organization') }}

    union

    select
        uscc,
        replace(organization_name, '惠州市', '市') as organization_name
    from {{ ref('dim_organization') }}
    where organization_name like '惠州市%'

    union

    select
        uscc,
        replace(organization_name, '惠州市', '') as organization_name
    from {{ ref('dim_organization') }}
    where organization_name like '惠州市%'

)

select
    organization_name,
    min(uscc) as uscc
from names
group by organization_name
having count(distinct uscc) = 1
