{# Tests whether our value agrees with a published figure under its qualifier.
   exact: equal. rounded: within half of the printed resolution. at_least (多): from the figure to one more unit of its last digit,
   exclusive. nearly (近): from 0.85 of the figure to the figure, exclusive. #}
{% macro agrees_with_published(value, qualifier, printed_value, low, high) -%}
    case {{ qualifier }}
        when 'exact' then {{ value }} = {{ printed_value }}
        when 'rounded' then {{ value }} between {{ low }} and {{ high }}
        when 'at_least' then {{ value }} >= {{ low }} and {{ value }} < {{ high }}
        when 'nearly' then {{ value }} >= 0.85 * {{ printed_value }} and {{ value }} < {{ printed_value }}
    end
{%- endmacro %}
