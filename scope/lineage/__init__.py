"""Where a model, a report or a run comes from, read from dvc.lock and git alone."""
