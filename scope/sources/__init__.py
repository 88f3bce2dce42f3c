"""Where data come from: the simulated sample, light curves, feature tables."""
