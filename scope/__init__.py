"""Training, scoring and reporting of the ZTF variable-star classifiers (SCoPe)."""

__version__ = "0.1.0"
