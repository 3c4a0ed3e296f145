"""Reports about social organizations: the register, party building, gradings, trainings and contests."""
