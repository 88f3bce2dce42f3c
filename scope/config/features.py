"""Section `features`: which points are used, the grids of periods and of dm-dt cells."""

from dataclasses import field
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from scope.base.settings import Count, NotNegative, Pair, Positive, refuse, settings

MOST_EDGES = 127  # what counts of one byte hold

Points = Annotated[int, Field(ge=4, description="a whole number of at least 4")]
FromOne = Annotated[float, Field(ge=1, allow_inf_nan=False, description="a number of at least 1")]
Edges = Annotated[
    list[float],
    Field(min_length=2, max_length=MOST_EDGES, description=f"2 to {MOST_EDGES} rising numbers"),
]


@settings
class DmdtParams:
    """Edges of the cells: magnitude differences [mag] and time lags [d], both rising."""

    dm_edges: Edges
    dt_edges: Edges

    def __post_init__(self) -> None:
        """Raise ConfigError where the edges make no cells."""
        for name, edges in (("dm_edges", self.dm_edges), ("dt_edges", self.dt_edges)):
            rising = all(low < high for low, high in pairwise(edges))
            if not 2 <= len(edges) <= MOST_EDGES or not rising:
                refuse(f"features.dmdt.{name}", edges, f"2 to {MOST_EDGES} rising numbers")

    def n_cells(self) -> int:
        """Return the number of cells."""
        return (len(self.dm_edges) - 1) * (len(self.dt_edges) - 1)


@settings
class PeriodParams:
    """The grid of the period search and how its peaks are judged.

    Attributes
    ----------
    max_frequency : end of the grid [1/d]
    min_cycles : start of the grid, in cycles over the length of the light curve
    oversampling : grid points per 1/length of the light curve
    n_peaks : highest peaks that are examined, with their aliases and doubles
    n_refined : best of these whose frequency is improved before the last comparison
    alias_width : half-width [1/d] round whole numbers of cycles a day, solar and sidereal, in which
        no period is taken; 0 = none
    bic_weight : cost of a harmonic in the comparison, in units of that of the BIC
    """

    max_frequency: Positive = 20.0
    min_cycles: Positive = 0.9
    oversampling: FromOne = 3.0
    n_peaks: Count = 12
    n_refined: Count = 12
    alias_width: NotNegative = 0.002
    bic_weight: Positive = 2.0


@settings
class FeatureParams:
    """Which light curves and points are used, and the grids of periods and of dm-dt cells.

    Attributes
    ----------
    min_points : shorter light curves are dropped; no feature is defined below 4
    min_gap_minutes : points within this of an earlier kept one are left out; 0 = none
    time_range : MJD or HJD [d] outside which a time is no date, and its point left out
    mag_range : [mag] outside which a magnitude is no measurement (-999, 0, 99.99, a flux), and its
        point left out
    max_magerr : errors from this on [mag] are of no measurement, and their points left out
    """

    min_points: Points = 50
    min_gap_minutes: NotNegative = 0.0
    time_range: Pair = field(default_factory=lambda: [15000.0, 100000.0])
    mag_range: Pair = field(default_factory=lambda: [1.0, 35.0])
    max_magerr: Positive = 10.0
    period: PeriodParams = field(default_factory=PeriodParams)
    dmdt: DmdtParams

    def __post_init__(self) -> None:
        """Raise ConfigError for what no light curve can satisfy."""
        if self.min_points < 4:
            refuse("features.min_points", self.min_points, "a whole number of at least 4")
        if len(self.time_range) != 2 or not self.time_range[0] < self.time_range[1]:
            refuse("features.time_range", self.time_range, "[first, last] in days")
        if len(self.mag_range) != 2 or not self.mag_range[0] < self.mag_range[1]:
            refuse("features.mag_range", self.mag_range, "[brightest, faintest] in magnitudes")
