"""Section `validation`: the numbers of the data contract."""

from scope.base.settings import Count, Pair, Share, Whole, settings


@settings
class ValidationParams:
    """The data contract's numbers; ranges in degrees and days.

    `bounds` holds the smallest and largest possible value (None: any) of the features whose name
    matches a pattern, the first that fits.
    """

    min_count: Count
    max_missing_share: Share
    ra_range: Pair
    dec_range: Pair
    period_range: Pair
    example_rows: Whole
    bounds: dict[str, list[float | None]]
