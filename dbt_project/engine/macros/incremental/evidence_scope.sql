{# Returns what of the evidence must be computed anew, by evidence model: true for all of it, or the submissions whose rows are.

   All of it: the model's SQL changed, or a table that it looks into (evidence_fingerprint); it reads the ledger; or a report was
   touched of which it reads rows of other submissions too. Models that read no touched report are left out. A model that is no longer
   there is in it until its rows are gone. #}
{% macro evidence_scope(is_stored) %}
    {%- set horizon = build_horizon() -%}
    {%- set scope = {} -%}
    {%- if horizon.is_whole or not is_stored -%}
        {%- for name in evidence_models() -%}{%- do scope.update({name: true}) -%}{%- endfor -%}
        {{ return(scope) }}
    {%- endif -%}
    {%- set outdated = run_query(
        'select model_name from ' ~ ref('evidence_fingerprint') ~ ' where since_build > ' ~ horizon.horizon
    ).columns[0].values() | list -%}
    {#- What these views of the ledger say of a report changes only when rows of that report do. -#}
    {%- set of_registers = ['register_span', 'rejected_record'] -%}
    {%- set touched = {} -%}
    {%- for row in run_query('select report, submission_id from ' ~ ref('stg_ops__touched_submission')).rows -%}
        {%- do touched.setdefault(row[0], []).append(row[1]) -%}
    {%- endfor -%}
    {%- for name in evidence_models() -%}
        {%- set sources = source_tables(name) -%}
        {%- if name in outdated or sources | selectattr('source_name', 'equalto', 'ops') | rejectattr('identifier', 'in', of_registers) | list -%}
            {%- do scope.update({name: true}) -%}
        {%- elif sources | selectattr('identifier', 'in', touched.keys() | list) | list -%}
            {%- do scope.update({name: touched_rows(name, touched)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in outdated if name not in scope -%}{%- do scope.update({name: true}) -%}{%- endfor -%}
    {{ return(scope) }}
{% endmacro %}

{# Returns the touched submissions of an evidence model, or true when more than their rows may differ.

   PostgreSQL decides it. A condition on the submission is pushed through views, joins and unions down to the raw tables wherever that
   cannot change the result, and not through window functions, groups or the other side of a join. Where each scan of a raw table has
   the condition, the evidence of a submission follows from that submission's rows alone. #}
{% macro touched_rows(name, touched) %}
    {%- set most_submissions = 2000 -%}
    {%- set probe = '{-1,-7}' -%}
    {%- set query = "explain (format json, verbose) select * from " ~ ref(name) ~ " where submission_id = any('" ~ probe ~ "'::bigint[])" -%}
    {%- set plan = run_query(query).columns[0].values()[0] -%}
    {%- set scans = [] -%}
    {%- do collect_scans((fromjson(plan) if plan is string else plan)[0]['Plan'], scans) -%}
    {%- set ids = [] -%}
    {%- set wider = [] -%}
    {%- for scan in scans if scan.relation in touched -%}
        {%- if probe in scan.condition and '_submission_id' in scan.condition -%}
            {%- do ids.extend(touched[scan.relation]) -%}
        {%- else -%}
            {%- do wider.append(scan.relation) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set ids = ids | unique | sort -%}
    {{ return(true if wider or ids | length > most_submissions else ids) }}
{% endmacro %}

{# Adds the scans of raw tables in a plan, each with its conditions. #}
{% macro collect_scans(node, found) %}
    {%- if node.get('Schema') not in [none, 'core', 'evidence', 'indicators', 'pg_catalog'] -%}
        {%- set conditions = [node.get('Index Cond', ''), node.get('Recheck Cond', ''), node.get('Filter', '')] -%}
        {%- do found.append({'relation': node['Relation Name'], 'condition': conditions | join(' ')}) -%}
    {%- endif -%}
    {%- for child in node.get('Plans', []) -%}
        {%- do collect_scans(child, found) -%}
    {%- endfor -%}
{% endmacro %}

{# Returns the sources that a model reads itself or by views; of the tables of dbt between them, the rows are compared instead. #}
{% macro source_tables(name) %}
    {%- set found = [] -%}
    {%- do collect_sources('model.' ~ project_name ~ '.' ~ name, found) -%}
    {{ return(found) }}
{% endmacro %}

{% macro collect_sources(unique_id, found) %}
    {%- for parent in graph.nodes[unique_id].depends_on.nodes -%}
        {%- if parent in graph.sources -%}
            {%- do found.append(graph.sources[parent]) -%}
        {%- elif not is_stored_node(graph.nodes[parent]) -%}
            {%- do collect_sources(parent, found) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro is_stored_node(node) %}
    {{ return(node.resource_type == 'seed' or node.config.materialized == 'incremental') }}
{% endmacro %}

{# Returns the tables of dbt (seeds, incremental models) that a model looks into: their rows are compared, not what they are made of. #}
{% macro stored_ancestors(name) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for unique_id in node_ancestors('model.' ~ project_name ~ '.' ~ name) -%}
            {%- set node = graph.nodes[unique_id] -%}
            {%- if is_stored_node(node) -%}
                {%- do found.append(node.schema ~ '.' ~ node.alias) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort) }}
{% endmacro %}
