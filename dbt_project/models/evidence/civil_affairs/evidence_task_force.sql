-- The bureau leads the task force and is not counted as a department. 441302112 is Luzhou; other towns have task forces too.
{{ evidence_row('CA-TF-01', ref('fct_task_force_record'), event_date='event_date', subject_key='department_name',
    where="record_type = '派驻部门' and area_code = '441302112' and department_name not in ('惠州市民政局', '市民政局')",
    columns=['dept_name']) }}

union all

{{ evidence_row('CA-TF-02', ref('fct_task_force_record'), event_date='event_date', subject_key='record_code',
    where="record_type = '调研' and area_code = '441302112' and leader_post = '主要负责同志'") }}
