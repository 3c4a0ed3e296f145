select * from {{ ref('evidence_civil_affairs') }}

union all

select * from {{ ref('evidence_charity') }}

union all

select * from {{ ref('evidence_social_work') }}

union all

select * from {{ ref('evidence_area') }}
