with source as (

    {{ register_entries(source('social_work', 'station'), ['station_code']) }}

),

entries as (

    select
        station_code,
        station_name,
        station_type,
        parent_station_code,
        county_name,
        town_name,
        town_code,
        village_name,
        village_code,
        villages_covered_count,
        opened_date,
        closed_date,
        worker_persons,
        head_name_key,
        head_name_masked,
        phone_key,
        phone_masked,
        remark,
        _unit_code as unit_code,
        _period_start as period_start,
        _period_end as period_end,
        _submission_id as submission_id,
        _sheet as sheet,
        _row as row_number,
        first_listed_date,
        absent_from_date
    from source

)

select * from entries
