"""Section `evaluate`: how classifiers are judged."""

from scope.base.settings import Count, Inside, Share, settings


@settings
class EvaluateParams:
    """Score above which a row is called positive; resamplings and level of the intervals; bins."""

    score_threshold: Share
    bootstrap: Count
    confidence: Inside
    reliability_bins: Count
    histogram_bins: Count
