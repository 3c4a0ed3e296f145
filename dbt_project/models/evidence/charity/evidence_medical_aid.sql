-- Not materialized: else PostgreSQL computes all of it, whichever submissions are asked for.
with payments as not materialized (

    select *
    from {{ ref('fct_payment') }}
    where payment_kind = 'medical_aid' and paid_date is not null

)

{{ evidence_row('CH-MD-01', 'payments', event_date='paid_date', subject_key='payment_code', quantity='amount_yuan') }}

union all

{{ evidence_row('CH-MD-02', 'payments', event_date='paid_date', subject_key='person_key', columns=['resident_id_key']) }}
