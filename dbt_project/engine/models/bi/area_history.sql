select
    spells.area_code,
    spells.area_name,
    spells.area_level,
    spells.parent_code,
    spells.zone_code,
    nullif(spells.valid_from_date, '-infinity') as valid_from_date,
    nullif(spells.valid_until_date, 'infinity') as valid_until_date,
    spells.successor_code
from {{ ref('area_spell') }} as spells
