"""Section `predict`: how a catalogue is scored."""

from scope.base.settings import Count, settings


@settings
class PredictParams:
    """How a catalogue is scored: as many rows are in memory at once (3 kB each)."""

    rows_at_once: Count
