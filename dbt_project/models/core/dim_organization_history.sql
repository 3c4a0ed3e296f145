with versions as (

    select
        *,
        row(
            organization_name, organization_type, registered_capital_yuan, supervisor_name, registrar_code, is_charity,
            can_fundraise, status
        ) as told
    from {{ ref('stg_civil_affairs__social_organization_version') }}

),

beside as (

    select
        *,
        lag(told) over series as told_before,
        lag(known_until_at) over series as known_before_until_at
    from versions
    window series as (partition by uscc order by known_from_at, row_number)

),

-- A register that says the same as the one before tells of no change; one that leaves an organisation out does.
marked as (

    select
        *,
        (told_before is distinct from told) or (known_before_until_at is distinct from known_from_at) as is_change
    from beside

),

numbered as (

    select
        *,
        count(*) filter (where is_change) over (partition by uscc order by known_from_at, row_number) as version_number
    from marked

),

spans as (

    select
        *,
        -- The first row of a version leads back to the document that brought it.
        row_number() over (partition by uscc, version_number order by known_from_at, row_number) as place,
        max(coalesce(known_until_at, 'infinity')) over (partition by uscc, version_number) as last_known_at
    from numbered

)

select
    uscc,
    version_number,
    organization_name,
    organization_type,
    registered_capital_yuan,
    supervisor_name,
    registrar_code as area_code,
    is_charity,
    can_fundraise,
    status,
    known_from_at as valid_from_at,
    nullif(last_known_at, 'infinity') as valid_until_at,
    last_known_at = 'infinity' as is_current,
    submission_id,
    sheet,
    row_number
from spans
where place = 1
