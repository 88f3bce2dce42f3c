"""Section `split`: which sources test, and which stop the training."""

from scope.base.settings import Inside, NotNegative, settings


@settings
class SplitParams:
    """Shares of the sources kept for the test and for early stopping."""

    test_size: Inside
    val_size: Inside
    radius_arcsec: NotNegative
