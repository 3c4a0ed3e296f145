{{ evidence_row('CA-PR-02', ref('fct_pairing_input'),
    event_date='occurred_date', subject_key='input_code', quantity='amount_yuan', where='is_money') }}
