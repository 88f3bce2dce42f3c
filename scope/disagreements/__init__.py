"""Where one algorithm is sure of a class and the other denies it, about sources not yet known."""
