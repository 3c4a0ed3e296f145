with versions as (

    select
        *,
        row(
            organization_name, organization_type, registered_capital_yuan, supervisor_name, registrar_code, is_charity,
            can_fundraise, status
        ) as attributes
    from {{ ref('stg_civil_affairs__social_organization_version') }}

),

with_previous as (

    select
        *,
        lag(attributes) over series as previous_attributes,
        lag(known_until_at) over series as known_before_until_at
    from versions
    window series as (partition by uscc order by known_from_at, row_number)

),

-- Equal attributes in two successive registers are one version. An organization that a register left out starts a new version.
with_changes as (

    select
        *,
        (previous_attributes is distinct from attributes) or (known_before_until_at is distinct from known_from_at) as is_change
    from with_previous

),

numbered as (

    select
        *,
        count(*) filter (where is_change) over (partition by uscc order by known_from_at, row_number) as version_number
    from with_changes

),

spans as (

    select
        *,
        -- A version has the lineage of its first row.
        row_number() over (partition by uscc, version_number order by known_from_at, row_number) as row_of_version,
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
where row_of_version = 1
