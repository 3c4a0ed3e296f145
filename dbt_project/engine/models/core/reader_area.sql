-- A role of a county or zone reads the rows of all that belongs to it today. Membership counts: people have logins of their own.
select distinct ancestors.area_code
from {{ ref('area_ancestor') }} as ancestors
inner join pg_catalog.pg_roles as county_roles
    on county_roles.rolname = 'bi_county_' || replace(lower(ancestors.ancestor_code), '-', '_')
where pg_has_role(current_user, county_roles.oid, 'usage')
