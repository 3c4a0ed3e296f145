with source as (

    select * from {{ source('civil_affairs', 'social_organization') }}

),

-- A register that arrived late was superseded as it was loaded: it was never current.
versions as (

    select
        uscc,
        organization_name,
        organization_type,
        registered_capital_yuan,
        supervisor_name,
        registrar_code,
        is_charity,
        can_fundraise,
        status,
        _loaded_at as known_from_at,
        _superseded_at as known_until_at,
        _submission_id as submission_id,
        _sheet as sheet,
        _row as row_number
    from source
    where _superseded_at is null or _superseded_at > _loaded_at

)

select * from versions
