"""One simulated source, from its seed to its two light curves and what catalogues say of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scope.sample import catalogues
from scope.sample.cadence import Exposures
from scope.sample.kinds import BY_NAME, KINDS, Kind
from scope.sample.labels import Labels, annotate
from scope.sample.photometry import Brightness, Photometry, count_alerts, observe
from scope.sample.sky import Place, draw_place, field_weights, fields, iau_name
from scope.sample.variation import Band

Cadence = tuple[Mapping[Band, Exposures], ...]
MAG_RISE = 0.6  # magnitudes are drawn as u^0.6 of the range, so that faint sources are commoner


@dataclass(frozen=True)
class Source:
    """A simulated source and everything that is published of it.

    Attributes
    ----------
    number : its number in the sample, counted through training and catalogue sources
    place : position and detector
    curves : light curve by band
    catalogue : values of the Gaia, AllWISE and Pan-STARRS columns and of ZTF's alerts
    labels : what scanners said
    """

    number: int
    place: Place
    curves: dict[Band, Photometry]
    catalogue: dict[str, float]
    labels: Labels

    def name(self) -> str:
        """Return the IAU-style name of the source."""
        return iau_name(self.place.ra, self.place.dec)

    def curve_id(self, band: Band) -> int:
        """Return the id of a light curve: field, CCD, quadrant, filter and source number."""
        detector = (self.place.field * 100 + self.place.ccd) * 10 + self.place.quad
        return (detector * 10 + int(band)) * 1_000_000 + self.number


def allot(n_sources: int, weights: Mapping[str, float]) -> list[str]:
    """Return `n_sources` names in the proportions of the weights, by largest remainder."""
    total = sum(weights.values())
    exact = {name: n_sources * weight / total for name, weight in weights.items()}
    counts = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: counts[name] - exact[name])
    for name in by_remainder[: n_sources - sum(counts.values())]:
        counts[name] += 1
    return [name for name, count in counts.items() for _ in range(count)]


def choose_kinds(rng: np.random.Generator, n_sources: int, *, catalogue: bool) -> list[Kind]:
    """Return the kind of each source, in random order and fixed numbers."""
    weights = {kind.name: kind.catalogue_share if catalogue else kind.share for kind in KINDS}
    names = allot(n_sources, weights)
    return [BY_NAME[names[k]] for k in rng.permutation(len(names)).tolist()]


def simulate(rng: np.random.Generator, number: int, kind: Kind, cadence: Cadence) -> Source:
    """Draw one source of a kind; `cadence` holds the exposures of every field of the sample."""
    index = int(rng.choice(len(fields()), p=field_weights(*kind.sky)))
    place = draw_place(rng, index)
    variation = kind.draw(rng)
    bright, faint = kind.r_mag
    r_mag = bright + (faint - bright) * rng.random() ** MAG_RISE
    seen = catalogues.draw_appearance(rng, kind.body, variation, r_mag, fields()[index].latitude)
    blending = rng.uniform(0.0, 0.06) if kind.body.extended else 0.0
    brightness = Brightness(seen.mean(), rng.uniform(0.9, 1.3), blending)
    curves = {
        band: observe(rng, variation, brightness, cadence[index][band], band) for band in Band
    }
    return Source(
        number, place, curves, _catalogue(rng, kind, seen, curves), _labels(rng, kind, curves)
    )


def _catalogue(
    rng: np.random.Generator,
    kind: Kind,
    seen: catalogues.Appearance,
    curves: Mapping[Band, Photometry],
) -> dict[str, float]:
    raised = sum(count_alerts(rng, curve) for curve in curves.values())
    stray = int(rng.poisson(0.7))
    real, false = (stray, raised) if kind.body.extended else (raised, stray)
    return {
        "n_ztf_alerts": float(real + false),
        "mean_ztf_alert_braai": catalogues.mean_braai(rng, real, false),
        **catalogues.allwise(rng, kind.body, seen),
        **catalogues.gaia(rng, kind.body, seen),
        **catalogues.pan_starrs(rng, kind.body, seen),
    }


def _labels(rng: np.random.Generator, kind: Kind, curves: Mapping[Band, Photometry]) -> Labels:
    strength = max(
        curve.signal_range / float(np.median(curve.magerr)) if len(curve.mag) else 0.0
        for curve in curves.values()
    )
    confused = BY_NAME[kind.confused_with].labels if kind.confused_with else {}
    return annotate(rng, kind.labels, confused, strength)
