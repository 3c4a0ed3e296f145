"""Reports about the villages that organizations help: pairings, demands, projects and trainees."""
