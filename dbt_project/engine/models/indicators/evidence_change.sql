with changes as (

    select
        1 as change_sign,
        added.indicator_code,
        added.area_code,
        added.event_date,
        added.end_date,
        added.quantity,
        added.subject_key,
        added.submission_id,
        added.sheet,
        added.row_number
    from {{ ref('evidence') }} as added
    where added.since_build > (select horizons.build_id from {{ ref('release_horizon') }} as horizons)

    union all

    select
        -1 as change_sign,
        removed.indicator_code,
        removed.area_code,
        removed.event_date,
        removed.end_date,
        removed.quantity,
        removed.subject_key,
        removed.submission_id,
        removed.sheet,
        removed.row_number
    from {{ ref('superseded_evidence') }} as removed
    where
        removed.until_build > (select horizons.build_id from {{ ref('release_horizon') }} as horizons)
        and removed.since_build <= (select horizons.build_id from {{ ref('release_horizon') }} as horizons)

),

counted as (

    select
        *,
        count(*) filter (where change_sign = 1) over content as added_count,
        count(*) filter (where change_sign = -1) over content as removed_count,
        row_number() over (
            partition by indicator_code, area_code, event_date, end_date, quantity, subject_key, change_sign
            order by submission_id, sheet, row_number
        ) as ordinal,
        bool_or(change_sign = 1) over subject as is_subject_added,
        bool_or(change_sign = -1) over subject as is_subject_removed
    from changes
    -- What happened after the last period that is published changed none of it.
    where
        event_date <= (
            select max({{ period_end_date('releases.period_code') }})
            from {{ ref('stg_release__release') }} as releases
        )
    window
        content as (partition by indicator_code, area_code, event_date, end_date, quantity, subject_key),
        subject as (partition by indicator_code, subject_key)

),

-- A correction sends all rows again; those that are equal changed nothing.
differing as (

    select * from counted
    where ordinal > least(added_count, removed_count)

),

touched as (

    select distinct transactions.submission_id
    from {{ ref('stg_ops__touched_transaction') }} as transactions
    cross join {{ ref('release_horizon') }} as horizons
    where
        case
            when horizons.is_same_server
                then not pg_visible_in_snapshot(transactions.transaction_id, horizons.build_snapshot)
            else transactions.touched_at >= horizons.build_started_at
        end

),

released as (

    select submissions.*
    from {{ ref('stg_release__submission') }} as submissions
    inner join {{ ref('release_horizon') }} as horizons on submissions.release_number = horizons.release_number

),

documents as (

    select
        submissions.*,
        submissions.state in ('accepted', 'accepted_with_rejects') as is_current
    from {{ ref('stg_ops__submission') }} as submissions

),

concerned as (

    select documents.*
    from documents
    where documents.submission_id in (select differing.submission_id from differing)

),

-- Of each document: what of its unit and period was released and is current no more.
replaced as (

    select
        concerned.submission_id,
        bool_or(released.sha256 = concerned.sha256) as is_same_bytes,
        bool_or(coalesce(former.state, 'withdrawn') = 'withdrawn') as is_withdrawn
    from concerned
    inner join released
        on
            concerned.report = released.report
            and concerned.unit_code = released.unit_code
            and concerned.period_code is not distinct from released.period_code
            and concerned.submission_id <> released.submission_id
    left join documents as former on released.submission_id = former.submission_id
    where former.is_current is not true
    group by concerned.submission_id

),

-- The same document, as it was released and as it was validated since, by other rules.
validated_again as (

    select distinct concerned.submission_id
    from concerned
    inner join documents as others
        on
            concerned.report = others.report
            and concerned.source_uri = others.source_uri
            and concerned.sha256 = others.sha256
            and concerned.contract_sha256 <> others.contract_sha256
    left join released as before on concerned.submission_id = before.submission_id
    left join released as others_before on others.submission_id = others_before.submission_id
    left join touched as since on concerned.submission_id = since.submission_id
    left join touched as others_since on others.submission_id = others_since.submission_id
    where
        others.state <> 'withdrawn'
        and (
            (before.submission_id is not null and others_since.submission_id is not null)
            or (since.submission_id is not null and others_before.submission_id is not null)
        )

),

gone as (

    select distinct
        documents.report,
        documents.source_uri
    from {{ ref('stg_ops__issue') }} as issues
    inner join documents on issues.submission_id = documents.submission_id
    where issues.rule = 'gone_from_source'

),

-- A register is valid until the next one: another document of the unit changes what the rows of an untouched one are evidence of.
neighbors as (

    select
        documents.report,
        documents.unit_code,
        bool_or(documents.state = 'withdrawn') as is_withdrawn,
        bool_or(documents.is_current and released.submission_id is null) as is_late
    from documents
    inner join touched on documents.submission_id = touched.submission_id
    left join released
        on
            documents.report = released.report
            and documents.unit_code = released.unit_code
            and documents.period_code is not distinct from released.period_code
    group by documents.report, documents.unit_code

),

listed as (

    select distinct measure_code
    from {{ ref('area_figure') }}

),

explained as (

    select
        differing.change_sign,
        differing.indicator_code as measure_code,
        differing.area_code,
        differing.event_date,
        differing.end_date,
        differing.quantity,
        differing.subject_key,
        differing.submission_id,
        differing.sheet,
        differing.row_number,
        concerned.source_uri,
        case
            when differing.submission_id is null
                then case when listed.measure_code is null then 'hierarchy_change' else 'area_figure_change' end
            when touched.submission_id is null and concerned.submission_id is not null
                then
                    case
                        when horizons.models_differ then 'model_change'
                        when horizons.hierarchy_differs then 'hierarchy_change'
                        when horizons.dictionary_differs then 'dictionary_change'
                        when neighbors.is_withdrawn then 'withdrawal'
                        when neighbors.is_late then 'late_document'
                        when neighbors.report is not null then 'correction'
                        else 'model_change'
                    end
            when differing.change_sign = 1 and overridden.submission_id is not null then 'override'
            when differing.change_sign = 1 and replayed.submission_id is not null then 'rule_change'
            when validated_again.submission_id is not null or replaced.is_same_bytes then 'rule_change'
            when differing.change_sign = -1
                then
                    case
                        when coalesce(concerned.state, 'withdrawn') = 'withdrawn' then 'withdrawal'
                        when gone.source_uri is not null and not differing.is_subject_added then 'withdrawal'
                        when concerned.state = 'rejected' then 'rule_change'
                        else 'correction'
                    end
            when replaced.is_withdrawn and concerned.arrived_at < horizons.released_at then 'withdrawal'
            when
                replaced.submission_id is not null
                or released.submission_id is not null
                or differing.is_subject_removed
                then 'correction'
            else 'late_document'
        end as cause
    from differing
    cross join {{ ref('release_horizon') }} as horizons
    left join listed on differing.indicator_code = listed.measure_code
    left join concerned on differing.submission_id = concerned.submission_id
    left join touched on differing.submission_id = touched.submission_id
    left join replaced on differing.submission_id = replaced.submission_id
    left join released on differing.submission_id = released.submission_id
    left join validated_again on differing.submission_id = validated_again.submission_id
    left join neighbors on concerned.report = neighbors.report and concerned.unit_code = neighbors.unit_code
    left join {{ ref('stg_ops__overridden_row') }} as overridden
        on
            differing.submission_id = overridden.submission_id
            and differing.sheet = overridden.sheet
            and differing.row_number = overridden.row_number
    left join {{ ref('stg_ops__replayed_row') }} as replayed
        on
            differing.submission_id = replayed.submission_id
            and differing.sheet = replayed.sheet
            and differing.row_number = replayed.row_number
    left join gone on concerned.report = gone.report and concerned.source_uri = gone.source_uri

)

select * from explained
