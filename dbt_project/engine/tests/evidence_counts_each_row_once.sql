-- A row is evidence of an indicator once, for each subject that it names. Tests the submissions in which something is new.
select
    evidence.indicator_code,
    evidence.submission_id,
    evidence.sheet,
    evidence.row_number,
    evidence.subject_key,
    count(*) as row_count
from {{ ref('evidence') }} as evidence
where
    evidence.submission_id is null
    or evidence.submission_id = any(array(
        select distinct fresh.submission_id
        from {{ ref('evidence') }} as fresh
        where {{ is_new('fresh') }} and fresh.submission_id is not null
    ))
group by evidence.indicator_code, evidence.submission_id, evidence.sheet, evidence.row_number, evidence.subject_key
having count(*) > 1
