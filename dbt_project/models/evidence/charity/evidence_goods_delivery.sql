-- Not materialized: else PostgreSQL computes all of it, whichever submissions are asked for.
with vehicles as not materialized (

    select *
    from {{ ref('fct_goods_delivery') }}
    where project_name = '百车进百村' and quantity_unit = '辆'

)

{{ evidence_row('CH-EV-01', 'vehicles', event_date='delivered_date', subject_key='delivery_code', quantity='quantity') }}

union all

{{ evidence_row('CH-EV-02', 'vehicles', event_date='delivered_date', subject_key='area_code',
    columns=['village_code', 'station_code']) }}

union all

{{ evidence_row('CH-GD-01', ref('fct_goods_delivery'), event_date='delivered_date', subject_key='delivery_code',
    quantity='value_yuan', where='value_yuan is not null') }}
