-- The published figures cover these two teams. Call-outs of other teams are stored but not counted.
{% set by_named_team = "organization_name in ('惠州市心连心公益救捞队', '惠州市蓝天救援志愿者协会')" %}
{{ evidence_row('SW-RS-01', ref('fct_rescue'),
    event_date='called_date', subject_key='callout_code', quantity='callout_count', where=by_named_team) }}
union all
{{ evidence_row('SW-RS-02', ref('fct_rescue'),
    event_date='called_date', subject_key='event_key', quantity='event_rescued_persons',
    where=by_named_team ~ ' and event_rescued_persons > 0', columns=['rescued_persons']) }}
union all
{{ evidence_row('SW-RS-03', ref('fct_rescue'),
    event_date='called_date', subject_key='event_key', quantity='event_recovered_persons',
    where=by_named_team ~ ' and event_recovered_persons > 0 and is_free', columns=['recovered_persons']) }}
