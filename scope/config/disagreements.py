"""Section `disagreements`: the rule."""

from scope.base.settings import NotNegative, Share, settings


@settings
class DisagreementParams:
    """Where one algorithm is sure (> high) and the other denies (<= low)."""

    high: Share
    low: Share
    radius_arcsec: NotNegative
