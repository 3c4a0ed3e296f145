with carts as (

    select *
    from {{ ref('fct_goods_delivery') }}
    where project_name = '百车进百村' and quantity_unit = '辆'

)

{{ speaks_for('CH-EV-01', 'carts', event_date='delivered_date', subject_key='delivery_code', quantity='quantity') }}

union all

{{ speaks_for('CH-EV-02', 'carts', event_date='delivered_date', subject_key='area_code') }}

union all

{{ speaks_for('CH-GD-01', ref('fct_goods_delivery'), event_date='delivered_date', subject_key='delivery_code',
    quantity='value_yuan', where='value_yuan is not null') }}
