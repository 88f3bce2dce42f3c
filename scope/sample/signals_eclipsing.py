"""Eclipsing binaries: detached (EA), semi-detached (EB, Beta Lyrae) and contact (EW, W UMa).

Phase 0 is the middle of the deeper eclipse. Magnitude offsets are zero at maximum light and
positive (fainter) in eclipse.
"""

from dataclasses import dataclass

import numpy as np

from scope.sample.variation import Array, Band, Variation, clipped_normal, fold, log_uniform


@dataclass(frozen=True)
class Binary:
    """The light curve of an eclipsing binary in one band.

    Attributes
    ----------
    primary, secondary : depths of the two eclipses [mag]
    width : eclipse width, in phase (the full duration is about six times this)
    sharpness : kurtosis of the eclipse profile; above 1 the bottom is flat
    ellipsoidal : peak-to-peak variation of the tidally deformed stars [mag]
    oconnell : difference of the two maxima [mag]
    secondary_phase : phase of the shallower eclipse, 0.5 for circular orbits
    """

    primary: float
    secondary: float
    width: float
    sharpness: float = 1.0
    ellipsoidal: float = 0.0
    oconnell: float = 0.0
    secondary_phase: float = 0.5


def eclipse_profile(phase: Array, width: float, sharpness: float) -> Array:
    """Return an eclipse centred on phase 0, one at its middle and zero outside, shape (n,).

    1 - (1 - exp(1 - cosh(phase / width)))^sharpness: Mikulasek 2015, A&A 584, A8.
    """
    offset = np.mod(phase + 0.5, 1.0) - 0.5
    ratio = np.minimum(np.abs(offset) / width, 6.0)  # cosh(6) = 202: the profile is zero there
    return np.asarray(1.0 - (1.0 - np.exp(1.0 - np.cosh(ratio))) ** sharpness)


def binary_curve(phase: Array, binary: Binary) -> Array:
    """Return the magnitude offset of an eclipsing binary, shape (n,)."""
    angle = 2.0 * np.pi * phase
    tides = 0.5 * binary.ellipsoidal * (1.0 + np.cos(2.0 * angle))
    spots = -0.5 * binary.oconnell * np.sin(angle)
    first = eclipse_profile(phase, binary.width, binary.sharpness)
    second = eclipse_profile(phase - binary.secondary_phase, binary.width, binary.sharpness)
    return np.asarray(tides + spots + binary.primary * first + binary.secondary * second)


def _variation(in_g: Binary, in_r: Binary, period: float, epoch: float) -> Variation:
    def curve(time: Array, band: Band) -> Array:
        return binary_curve(fold(time, period, epoch), in_g if band is Band.G else in_r)

    return Variation(curve, period)


def detached(rng: np.random.Generator) -> Variation:
    """Draw an EA: sharp eclipses, flat between them; a fifth with an eccentric orbit."""
    period = float(np.clip(np.exp(rng.normal(0.75, 0.75)), 0.4, 30.0))
    # Kepler's third law at fixed radii: the duration in phase falls as P^(-2/3)
    width = float(np.clip(0.022 * period ** (-2.0 / 3.0) * rng.uniform(0.8, 1.6), 0.005, 0.03))
    primary = log_uniform(rng, 0.10, 1.3)
    ratio = rng.uniform(0.05, 1.0)
    sharpness = rng.uniform(0.8, 1.8)
    tides = rng.uniform(0.0, 0.03)
    centre = 0.5 + (rng.normal(0.0, 0.08) if rng.random() < 0.2 else 0.0)
    redder = rng.uniform(0.85, 1.0)
    in_g = Binary(primary, primary * ratio, width, sharpness, tides, 0.0, centre)
    in_r = Binary(
        primary * redder, primary * ratio * min(1.0, 1.03 / redder), width, sharpness, tides,
        0.0, centre,
    )  # fmt: skip
    return _variation(in_g, in_r, period, period * rng.random())


def semi_detached(rng: np.random.Generator) -> Variation:
    """Draw an EB: light varies all the time, one eclipse clearly deeper than the other."""
    period = float(np.clip(np.exp(rng.normal(-0.1, 0.6)), 0.35, 12.0))
    primary = log_uniform(rng, 0.12, 0.8)
    ratio = rng.uniform(0.1, 0.75)
    tides = primary * rng.uniform(0.25, 0.6)
    width = rng.uniform(0.035, 0.055)
    spots = rng.normal(0.0, 0.015)
    in_g = Binary(primary, primary * ratio, width, 1.0, tides, spots)
    in_r = Binary(0.93 * primary, 0.97 * primary * ratio, width, 1.0, tides, 0.8 * spots)
    return _variation(in_g, in_r, period, period * rng.random())


def contact(rng: np.random.Generator) -> Variation:
    """Draw an EW: continuous variation, minima equal to a few hundredths, P of 0.22 to 0.9 d."""
    period = float(np.clip(0.35 * np.exp(rng.normal(0.0, 0.22)), 0.22, 0.9))
    tides = log_uniform(rng, 0.06, 0.45)
    primary = tides * rng.uniform(0.05, 0.8)
    ratio = min(1.0, clipped_normal(rng, 0.88, 0.1, 0.5))
    width = rng.uniform(0.04, 0.06)
    spots = rng.normal(0.0, 0.02)
    in_g = Binary(primary, primary * ratio, width, 1.0, tides, spots)
    in_r = Binary(0.96 * primary, 0.97 * primary * ratio, width, 1.0, 0.95 * tides, 0.8 * spots)
    return _variation(in_g, in_r, period, period * rng.random())
