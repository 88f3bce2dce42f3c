"""Gradient-boosted trees (XGBoost) of the features and of a summary of the dm-dt histogram."""
