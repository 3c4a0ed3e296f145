"""Row rules: derived from columns or declared in contracts, checked and run on pandas or Great Expectations."""
