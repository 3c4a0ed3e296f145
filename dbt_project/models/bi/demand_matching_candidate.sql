select
    candidates.demand_code,
    candidates.candidate_rank,
    demands.project_name,
    demands.demand_type,
    demands.town_code,
    candidates.uscc as organization_code,
    candidates.organization_name,
    candidates.score,
    candidates.field_score,
    candidates.place_score,
    candidates.record_score,
    candidates.grade_score,
    candidates.resources_score,
    candidates.works_count,
    candidates.grade,
    candidates.resources_yuan,
    demands.fund_needed_yuan,
    concat_ws(
        '；',
        case candidates.field_basis
            when 'industry' then '所属行业“' || candidates.field_word || '”对口'
            else '名称含“' || candidates.field_word || '”，领域对口'
        end,
        case candidates.place_level
            when 'village' then '已在同村开展工作'
            when 'town' then '已在同镇开展工作'
            when 'county' then '在同县（区）登记或开展工作'
            when 'city' then '在本市登记或开展工作'
            else '尚未在当地开展工作'
        end,
        '已办成“百千万工程”事项' || candidates.works_count || '件',
        case when candidates.grade like '%A' then '评估等级' || candidates.grade else '没有评估等级' end,
        case
            when coalesce(demands.fund_needed_yuan, 0) = 0 then '不需资金'
            when candidates.resources_yuan >= demands.fund_needed_yuan then '资金实力足以覆盖需求'
            else '资金实力可覆盖需求的' || floor(100 * candidates.resources_yuan / demands.fund_needed_yuan) || '%'
        end
    ) as reasons_zh,
    concat_ws(
        '; ',
        case candidates.field_basis
            when 'industry' then 'its industry, ' || candidates.field_word || ', fits'
            else 'its name holds ' || candidates.field_word
        end,
        case candidates.place_level
            when 'village' then 'at work in the same village'
            when 'town' then 'at work in the same town'
            when 'county' then 'registered or at work in the same county'
            when 'city' then 'registered or at work in the city'
            else 'not yet at work there'
        end,
        candidates.works_count || ' things done for the programme',
        case when candidates.grade like '%A' then 'graded ' || candidates.grade else 'no grade' end,
        case
            when coalesce(demands.fund_needed_yuan, 0) = 0 then 'no money is asked for'
            when candidates.resources_yuan >= demands.fund_needed_yuan then 'its means cover what is needed'
            else 'its means cover ' || floor(100 * candidates.resources_yuan / demands.fund_needed_yuan) || '% of what is needed'
        end
    ) as reasons_en
from {{ ref('demand_candidate') }} as candidates
inner join {{ ref('fct_demand') }} as demands on candidates.demand_code = demands.demand_code
