-- The divisions (area) are no report, but speak for the number of statutory towns.
{{ evidence_of([
    'area',
    'town_coverage',
    'community_fund',
    'micro_project',
    'station',
    'home_visit',
]) }}
