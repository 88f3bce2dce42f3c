"""What human scanners would have said: label probabilities that obey the class tree."""

from collections.abc import Mapping

import numpy as np

# Label -> parent; a source with a label carries its parent's at least as strongly.
PARENTS: Mapping[str, str | None] = {
    "variable": None,
    "periodic": "variable",
    "long timescale": "variable",
    "irregular": "variable",
    "flaring": "variable",
    "eclipsing": "periodic",
    "EA": "eclipsing",
    "EB": "eclipsing",
    "EW": "eclipsing",
    "bogus": None,
    "pulsator": "variable",
    "Delta Scu": "pulsator",
    "Cepheid": "pulsator",
    "RR Lyrae": "pulsator",
    "RR Lyrae ab": "RR Lyrae",
    "RR Lyrae c": "RR Lyrae",
    "RR Lyrae d": "RR Lyrae",
    "LPV": "pulsator",
    "Mira": "LPV",
    "SRV": "LPV",
    "binary star": None,
    "W Uma": "binary star",
    "Beta Lyr": "binary star",
    "RS CVn": "binary star",
    "AGN": None,
    "YSO": None,
    "CV": None,
    "non-variable": None,
}
LABELS = tuple(PARENTS)
UNLIKE_VARIATION = ("non-variable", "bogus")

# Range of the signal over the median error below which a scanner is less than sure
CONFIDENCE = ((1.3, 0.25), (2.0, 0.5), (2.7, 0.75))
VARIATION_IS_EASIER = 1.8
MISTAKE_RATE = 0.025

Labels = dict[str, float]
LabelOdds = Mapping[str, tuple[float, ...]]


def close_upward(labels: Mapping[str, float]) -> Labels:
    """Return the labels with every parent raised to the strongest of its children."""
    closed = {label: labels.get(label, 0.0) for label in LABELS}
    for label in reversed(LABELS):  # children come after their parents
        parent = PARENTS[label]
        if parent is not None:
            closed[parent] = max(closed[parent], closed[label])
    return closed


def confidence(strength: float) -> float:
    """Return how sure a scanner is at most of a signal of this strength (its range in errors)."""
    for limit, sure in CONFIDENCE:
        if strength < limit:
            return sure
    return 1.0


def annotate(
    rng: np.random.Generator, label_odds: LabelOdds, confused_with: LabelOdds, strength: float
) -> Labels:
    """Draw the labels that one source was given, in {0, 0.25, 0.5, 0.75, 1}.

    `label_odds` holds, for every label the kind of source carries, the probabilities scanners give
    it at equal odds; `confused_with` those of the kind it is most often mistaken for. About one
    source in forty is mistaken or labelled at half confidence.
    """
    mistake = rng.random()
    chosen = confused_with if mistake < 0.5 * MISTAKE_RATE and confused_with else label_odds
    labels = {label: float(rng.choice(odds)) for label, odds in chosen.items()}
    if 0.5 * MISTAKE_RATE <= mistake < MISTAKE_RATE:
        labels = dict.fromkeys(labels, 0.5)
    if not any(label in labels for label in UNLIKE_VARIATION):
        sure = confidence(strength)
        # that a source varies is seen before what it is
        caps = {"variable": confidence(VARIATION_IS_EASIER * strength)}
        labels = {label: min(value, caps.get(label, sure)) for label, value in labels.items()}
        if sure < 0.5:
            labels["non-variable"] = 0.5
    return close_upward(labels)
