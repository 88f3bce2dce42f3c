"""Pulsating stars: RR Lyrae, Cepheids, delta Scuti, Miras and semi-regular giants.

Fourier shapes are sine series in magnitude, sum_k A_k sin(2 pi k phase + phi_k), with
phi_k1 = phi_k - k phi_1 as in Simon & Lee 1981, ApJ 248, 291. Amplitudes are those in g, peak to
peak.
"""

from collections.abc import Sequence

import numpy as np

from scope.sample.variation import (
    Array,
    Band,
    Variation,
    clipped_normal,
    damped_random_walk,
    fold,
    in_band,
    log_uniform,
    on_grid,
)

RR_OVER_GR = 0.72  # amplitude in r over g of RR Lyrae: Sesar et al. 2010, ApJ 708, 717
CEPHEID_R_OVER_G = 0.70
DELTA_SCUTI_R_OVER_G = 0.72
RED_GIANT_R_OVER_G = 0.85

# Mean V-band shape of RRab stars: Jurcsik & Kovacs 1996, A&A 312, 111
RRAB_RATIOS = (1.0, 0.48, 0.34, 0.23, 0.15)
RRAB_PHASES = (2.4, 5.1, 1.5, 4.2)
RRC_RATIOS = (1.0, 0.15, 0.06)
RRC_PHASES = (2.9, 3.5)


def sine_series(phase: Array, ratios: Sequence[float], phases: Sequence[float]) -> Array:
    """Return sum_k R_k1 sin(2 pi k phase + phi_k1), shape (n,).

    `ratios` are the R_k1 from k = 1 (where it is 1), `phases` the phi_k1 [rad] from k = 2.
    """
    angle = 2.0 * np.pi * phase
    total = np.zeros_like(phase)
    for k, (ratio, shift) in enumerate(zip(ratios, (0.0, *phases), strict=True), start=1):
        total += ratio * np.sin(k * angle + shift)
    return total


def unit_series(phase: Array, ratios: Sequence[float], phases: Sequence[float]) -> Array:
    """Return the sine series scaled to a peak-to-peak amplitude of one, shape (n,)."""
    whole = sine_series(np.linspace(0.0, 1.0, 200), ratios, phases)
    return sine_series(phase, ratios, phases) / float(np.ptp(whole))


def rr_lyrae_ab_shape(phase: Array) -> Array:
    """Return the shape of an RRab star: magnitude over amplitude, steep rise, slow decline."""
    return unit_series(phase, RRAB_RATIOS, RRAB_PHASES)


def rr_lyrae_ab_amplitude(period: float) -> float:
    """Return the mean amplitude [mag] at a period [d] of fundamental-mode RR Lyrae stars.

    The parabola of M3 in B, which is g to 5 %: Cacciari et al. 2005, AJ 129, 267.
    """
    log_period = np.log10(period)
    return float(np.clip(-3.123 - 26.331 * log_period - 35.853 * log_period**2, 0.25, 1.6))


def rr_lyrae_ab(rng: np.random.Generator) -> Variation:
    """Draw an RRab star; a quarter show the Blazhko effect."""
    period = float(np.clip(rng.normal(0.56, 0.06), 0.43, 0.75))
    second_oosterhoff = rng.random() < 0.25
    reference = period / 1.12 if second_oosterhoff else period
    amplitude = rr_lyrae_ab_amplitude(reference) * clipped_normal(rng, 1.0, 0.12, 0.5)
    depth = rng.uniform(0.1, 0.4) if rng.random() < 0.25 else 0.0
    beat, beat_phase, epoch = log_uniform(rng, 20, 150), rng.random(), rng.random()

    def curve(time: Array, band: Band) -> Array:
        beating = 2.0 * np.pi * (time / beat + beat_phase)
        phase = fold(time, period, epoch) + 0.05 * depth * np.cos(beating)
        modulation = 1.0 + depth * np.sin(beating)
        return in_band(band, amplitude, RR_OVER_GR) * modulation * rr_lyrae_ab_shape(phase)

    return Variation(curve, period)


def rr_lyrae_c(rng: np.random.Generator) -> Variation:
    """Draw an RRc star: first overtone, nearly sinusoidal."""
    period = float(np.clip(rng.normal(0.325, 0.04), 0.21, 0.44))
    amplitude = clipped_normal(rng, 0.50, 0.09, 0.15)
    bump = rng.uniform(0.3, 1.6)
    ratios = (1.0, bump * RRC_RATIOS[1], bump * RRC_RATIOS[2])
    epoch = rng.random()

    def curve(time: Array, band: Band) -> Array:
        shape = unit_series(fold(time, period, epoch), ratios, RRC_PHASES)
        return in_band(band, amplitude, RR_OVER_GR) * shape

    return Variation(curve, period)


def rr_lyrae_d(rng: np.random.Generator) -> Variation:
    """Draw an RRd star; period ratio P1 / P0 of 0.742 to 0.748 (Petersen 1973, A&A 27, 89)."""
    fundamental = rng.uniform(0.46, 0.56)
    overtone = fundamental * rng.uniform(0.742, 0.748)
    amplitude = clipped_normal(rng, 0.42, 0.06, 0.2)
    weaker = amplitude * rng.uniform(0.35, 0.9)
    epochs = rng.random(2)

    def curve(time: Array, band: Band) -> Array:
        first = unit_series(fold(time, overtone, epochs[0]), RRC_RATIOS, RRC_PHASES)
        base = unit_series(fold(time, fundamental, epochs[1]), (1.0, 0.3), (2.4,))
        return in_band(band, 1.0, RR_OVER_GR) * (amplitude * first + weaker * base)

    return Variation(curve, overtone)


def delta_scuti(rng: np.random.Generator) -> Variation:
    """Draw a delta Scuti star: a third high-amplitude and radial, the rest of two to four modes."""
    period = log_uniform(rng, 0.045, 0.22)
    high_amplitude = rng.random() < 0.35
    main = rng.uniform(0.2, 0.7) if high_amplitude else log_uniform(rng, 0.03, 0.22)
    n_modes = 1 if high_amplitude else int(rng.integers(2, 5))
    periods = period * np.concatenate([[1.0], rng.uniform(0.55, 0.95, n_modes - 1)])
    amplitudes = main * np.concatenate([[1.0], rng.uniform(0.2, 0.7, n_modes - 1)])
    epochs = rng.random(n_modes)
    ratios = (1.0, 0.35, 0.15) if high_amplitude else (1.0, 0.08, 0.02)

    def curve(time: Array, band: Band) -> Array:
        total = np.zeros_like(time)
        for one, size, epoch in zip(periods, amplitudes, epochs, strict=True):
            total += size * unit_series(fold(time, float(one), float(epoch)), ratios, (2.5, 5.0))
        return in_band(band, 1.0, DELTA_SCUTI_R_OVER_G) * total

    return Variation(curve, period)


def cepheid_shape(phase: Array, period: float) -> Array:
    """Return the shape of a fundamental Cepheid: magnitude over amplitude.

    The Hertzsprung progression: a bump that weakens the second harmonic towards 10 d and moves
    its phase; R21 and phi21 after Simon & Lee 1981, ApJ 248, 291.
    """
    distance = abs(np.log10(period) - 1.0)
    second = min(0.12 + 0.65 * distance, 0.45)
    shift = 2.4 + 0.8 * np.log10(period) if period < 10 else 1.9 + 0.6 * np.log10(period / 10)
    return unit_series(phase, (1.0, second, 0.5 * second), (shift, 2.0 * shift))


def cepheid(rng: np.random.Generator) -> Variation:
    """Draw a Cepheid: mostly fundamental mode, some small and sinusoidal overtone pulsators."""
    period = float(10.0 ** np.clip(rng.normal(0.75, 0.35), 0.05, 1.8))
    overtone = rng.random() < 0.25
    if overtone:
        period = min(period, 6.0) * 0.7
    amplitude = rng.uniform(0.2, 0.45) if overtone else clipped_normal(rng, 0.85, 0.25, 0.3)
    epoch = period * rng.random()

    def curve(time: Array, band: Band) -> Array:
        phase = fold(time, period, epoch)
        shape = 0.5 * np.sin(2.0 * np.pi * phase) if overtone else cepheid_shape(phase, period)
        return in_band(band, amplitude, CEPHEID_R_OVER_G) * shape

    return Variation(curve, period)


def mira(rng: np.random.Generator) -> Variation:
    """Draw a Mira: more than 2.5 mag peak to peak in both bands, cycles alike but not equal."""
    period = float(np.clip(rng.normal(290.0, 90.0), 110.0, 600.0))
    amplitude = float(np.clip(rng.normal(4.2, 0.9), 3.0, 7.0))
    second = rng.uniform(0.05, 0.25)
    uneven = damped_random_walk(rng, period, 0.06, 5.0)
    epoch = period * rng.random()

    def curve(time: Array, band: Band) -> Array:
        shape = unit_series(fold(time, period, epoch), (1.0, second), (2.0,))
        height = in_band(band, amplitude, RED_GIANT_R_OVER_G)
        return np.asarray(height * shape * (1.0 + np.abs(on_grid(uneven, 5.0, time))))

    return Variation(curve, period)


def semi_regular(rng: np.random.Generator) -> Variation:
    """Draw a semi-regular giant: its phase wanders, its amplitude changes from cycle to cycle."""
    return _wandering(rng, log_uniform(rng, 35.0, 350.0), log_uniform(rng, 0.2, 2.4))


def small_amplitude_giant(rng: np.random.Generator) -> Variation:
    """Draw a red giant of small amplitude (OSARG: Wray et al. 2004, MNRAS 349, 1059)."""
    return _wandering(rng, log_uniform(rng, 12.0, 120.0), log_uniform(rng, 0.04, 0.4))


def _wandering(rng: np.random.Generator, period: float, amplitude: float) -> Variation:
    wander = damped_random_walk(rng, 5.0 * period, rng.uniform(0.1, 0.35), 5.0)
    strength = damped_random_walk(rng, 3.0 * period, 0.35, 5.0)
    slow, slow_period = amplitude * rng.uniform(0.0, 0.6), period * rng.uniform(5.0, 10.0)
    epochs = rng.random(2)

    def curve(time: Array, band: Band) -> Array:
        phase = time / period + epochs[0] + on_grid(wander, 5.0, time)
        fast = (1.0 + on_grid(strength, 5.0, time)) * np.sin(2.0 * np.pi * phase)
        trend = np.sin(2.0 * np.pi * (time / slow_period + epochs[1]))
        total = amplitude * fast + slow * trend
        return np.asarray(in_band(band, 0.5, RED_GIANT_R_OVER_G) * total)

    return Variation(curve, period)
