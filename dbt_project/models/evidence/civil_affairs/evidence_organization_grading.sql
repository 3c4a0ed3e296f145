with rule_years as (

    select
        area_code,
        year_number,
        lead(year_number) over (partition by area_code order by year_number) as next_year_number
    from {{ ref('fct_grade') }}
    group by area_code, year_number

),

grades as (

    select
        fct_grade.*,
        concat_ws('|', fct_grade.uscc, fct_grade.year_number) as grade_key,
        make_date(rule_years.year_number, 1, 1) as rules_from_date,
        make_date(rule_years.next_year_number, 1, 1) as next_rules_date,
        make_date(rule_years.year_number, 12, 31) as year_end_date
    from {{ ref('fct_grade') }} as fct_grade
    inner join rule_years
        on fct_grade.area_code = rule_years.area_code and fct_grade.year_number = rule_years.year_number

)

{{ evidence_row('grading_programme_score', 'grades',
    event_date='rules_from_date', end_date='next_rules_date', subject_key='grade_key', quantity='programme_full_score') }}

union all

-- A grading has 1000 points. Bonus points are not part of the weights.
{{ evidence_row('grading_full_score', 'grades',
    event_date='rules_from_date', end_date='next_rules_date', subject_key='grade_key', quantity='1000', columns=['uscc']) }}

union all

{{ evidence_row('CA-EV-02', 'grades',
    event_date='year_end_date', subject_key='uscc', where='is_recommended and programme_score > 0') }}
