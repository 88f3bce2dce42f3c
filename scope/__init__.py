"""Training, scoring and reporting of the ZTF variable-star classifiers (SCoPe)."""
