"""Who owes which report by when, declarations that there is nothing to report, and what is missing."""
