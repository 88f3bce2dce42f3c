"""Training and use of ScopeNet without TensorFlow: compiled kernels, one light curve at a time."""
