"""Reports about what charities spend: expenses, aid, grants, goods and demonstration points."""
