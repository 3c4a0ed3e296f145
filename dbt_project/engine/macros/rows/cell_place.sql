{# The letter of the sheet column in which a column of the contract stands; null for records. #}
{% macro cell_letter(column_name) -%}
    coalesce(letters ->> {{ column_name }}, rtrim(cells ->> {{ column_name }}, '0123456789'))
{%- endmacro %}


{# The address of the cell in which a row has the value of a column: `D7`; null for records. The value of merged cells stands in
   the first of their rows, that of a form in a cell of its own. #}
{% macro cell_address(column_name) -%}
    coalesce(
        cells ->> {{ column_name }},
        letters ->> {{ column_name }} || coalesce(
            case
                when merged_rows ? {{ column_name }}
                    then (
                        select (spans ->> 0)::integer
                        from jsonb_array_elements(merged_rows -> {{ column_name }}) as spans
                        where row_number between (spans ->> 0)::integer and (spans ->> 1)::integer
                    )
            end,
            row_number
        )
    )
{%- endmacro %}


{# The text as it stood in the cell from which a raw column has its value. #}
{% macro cell_text(raw_name) -%}
    ops.cell_text(report, submission_id, sheet, row_number, {{ raw_name }})
{%- endmacro %}
