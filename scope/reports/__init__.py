"""The pages of a run and of its disagreements: each one file that needs nothing from elsewhere."""
