{# Selects one raw row per entry of a register: that of the newest register that lists it, with two dates more.
   first_listed_date: from when the first register that lists the entry is valid. absent_from_date: from when the first later
   register of the unit is valid that lists it no more; null while it is listed. A rejected row lists its entry all the same.
   entry: the columns that tell one entry from another (docs/adr/0019). #}
{% macro register_entries(relation, entry) -%}
    with spans as (

        select * from {{ source('ops', 'register_span') }}
        where report = '{{ relation.identifier }}'

    ),

    -- A row that its own document closed is in quarantine, or has a later version.
    listed as (

        select
            raw_rows.*,
            spans.valid_from_date,
            min(spans.valid_from_date) over (partition by {{ register_entry('raw_rows', entry) }}) as first_listed_date
        from {{ relation }} as raw_rows
        inner join spans on raw_rows._submission_id = spans.submission_id
        where raw_rows._superseded_by is distinct from raw_rows._submission_id

    ),

    newest as (

        select distinct on ({{ register_entry('listed', entry) }}) *
        from listed
        order by
            {{ register_entry('listed', entry) }},
            (listed._superseded_at is null) desc, listed.valid_from_date desc, listed._submission_id desc

    )

    select
        newest.*,
        case when newest._superseded_at is not null then (
            select min(spans.valid_from_date) from spans
            where
                spans.unit_code = newest._unit_code and spans.valid_from_date > newest.valid_from_date
                and not exists (
                    select 1 from {{ source('ops', 'rejected_record') }} as rejected
                    where
                        rejected.submission_id = spans.submission_id
                        {#- Of a unit, the submission tells; a key of a person is there as a mask only. #}
                        {%- for column in entry if not column.startswith('_') and not column.endswith('_key') %}
                        and (rejected.record ->> '{{ column }}') is not distinct from newest.{{ column }}::text
                        {%- endfor %}
                )
        ) end as absent_from_date
    from newest
{%- endmacro %}
{% macro register_entry(relation, entry) -%}
    {%- for column in entry %}{{ relation }}.{{ column }}{% if not loop.last %}, {% endif %}{% endfor -%}
{%- endmacro %}
