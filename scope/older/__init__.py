"""The older tool's `train`: one network of one class, from a table to a saved model."""
