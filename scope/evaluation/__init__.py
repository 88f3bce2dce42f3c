"""How good the classifiers are: measures with intervals, curves, all classes together."""
