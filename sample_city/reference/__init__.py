"""Facts that every generator draws on: places, dates, people, known organizations."""
