with projects as (

    select *
    from {{ ref('dim_project') }}
    where project_kind = 'village_project'

)

{{ evidence_row('CA-VC-01', ref('fct_village_project_month'), event_date='as_of_date', subject_key='project_code',
    quantity='raised_yuan', where="project_type = '惠民综合服务中心' and village_code = '441302112210' and raised_yuan <> 0",
    columns=['funds_raised_yuan']) }}

union all

{{ evidence_row('CA-EN-01', 'projects', event_date='completed_date', subject_key='project_code',
    quantity="scale_quantity / case scale_unit when '公里' then 1 else 1000 end",
    where="project_type = '徒步环线' and is_completed", columns=['scale_quantity', 'scale_unit']) }}

union all

{{ evidence_row('CA-EN-02', 'projects', event_date='completed_date', subject_key='project_code',
    where="project_type = '道路护栏' and area_code = '441302112205' and is_completed") }}

union all

{{ evidence_row('CA-EN-03', 'projects', event_date='started_date', subject_key='project_code',
    where="project_type = '人居环境整治' and started_date is not null") }}
