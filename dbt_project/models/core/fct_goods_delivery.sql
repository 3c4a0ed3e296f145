select
    deliveries.delivery_code,
    deliveries.delivered_date,
    deliveries.project_name,
    deliveries.goods_name,
    deliveries.quantity,
    deliveries.qty_unit as quantity_unit,
    deliveries.value_yuan,
    deliveries.donor_name,
    named.uscc as donor_uscc,
    deliveries.station_code,
    coalesce(deliveries.village_code, stations.area_code, deliveries.unit_code) as area_code,
    deliveries.submission_id,
    deliveries.sheet,
    deliveries.row_number
from {{ ref('stg_charity__goods_delivery') }} as deliveries
left join {{ ref('named_organization') }} as named on deliveries.donor_name = named.organization_name
left join {{ ref('dim_station') }} as stations on deliveries.station_code = stations.station_code
