"""The embedded sample data set, simulated so that the whole pipeline runs without credentials."""

from scope.sample.generate import SampleParams, generate

__all__ = ["SampleParams", "generate"]
