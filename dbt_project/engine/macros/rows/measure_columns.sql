{# Lists the columns of reports in whose cells the evidence of each measure stands: dictionaries of measure_code, report, ordinal,
   column_name (as the contract names it) and raw_name (what the raw table has of it: of a personal column the masked form).
   evidence_row leaves its arguments in the configuration of its model, which is named after the report. #}
{% macro measure_columns() -%}
    {%- set found = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name.startswith('evidence_') -%}
        {%- set report = node.name[9:] -%}
        {%- set staged = staged_columns(report) -%}
        {%- for name, source in node.config.meta.items() if name.startswith('measure ') -%}
            {%- set derived = [source.quantity if source.quantity != '1' else source.subject_key] -%}
            {%- for raw_name in (source.columns or derived) if raw_name in staged -%}
                {%- set column_name = raw_name[:-4] if raw_name.endswith('_key') and raw_name[:-4] ~ '_masked' in staged else raw_name -%}
                {%- do found.append({
                    'measure_code': name[8:],
                    'report': report,
                    'ordinal': loop.index,
                    'column_name': column_name,
                    'raw_name': raw_name if column_name == raw_name else column_name ~ '_masked',
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Lists the reports of whose rows the evidence of each measure is: dictionaries of measure_code and report. #}
{% macro measure_reports() -%}
    {%- set found = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name.startswith('evidence_') -%}
        {%- for name in node.config.meta if name.startswith('measure ') -%}
            {%- do found.append({'measure_code': name[8:], 'report': node.name[9:]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# The columns of a report's staging model: those of its description, without the lineage at their end. #}
{% macro staged_columns(report) -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('stg_') and node.name.endswith('__' ~ report) -%}
        {{ return(node.columns.keys() | list) }}
    {%- endfor -%}
    {{ return([]) }}
{%- endmacro %}
