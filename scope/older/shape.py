"""What a network looks at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """How many features a network looks at, and by which branches."""

    n_features: int
    dense_branch: bool
    conv_branch: bool
