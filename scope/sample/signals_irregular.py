"""Accreting, young and active objects: AGN, YSOs, cataclysmic variables, flares, slow trends."""

import numpy as np

from scope.sample.variation import (
    BASELINE_DAYS,
    Array,
    Band,
    Variation,
    damped_random_walk,
    fold,
    in_band,
    log_uniform,
    on_grid,
)

AGN_R_OVER_G = 0.87  # bluer when brighter: amplitude ~ wavelength^-0.48, MacLeod et al. 2010


def agn(rng: np.random.Generator) -> Variation:
    """Draw an active galactic nucleus: a damped random walk.

    Damping time and long-term structure function scatter about 200 d and 0.2 mag as for SDSS
    quasars (MacLeod et al. 2010, ApJ 721, 1014); sigma = SF_inf / sqrt(2).
    """
    tau = log_uniform(rng, 60.0, 700.0)
    sigma = float(np.clip(0.20 * np.exp(rng.normal(0.0, 0.5)), 0.04, 0.8)) / np.sqrt(2.0)
    walk = damped_random_walk(rng, tau, sigma, 1.0)

    def curve(time: Array, band: Band) -> Array:
        return in_band(band, 1.0, AGN_R_OVER_G) * on_grid(walk, 1.0, time)

    return Variation(curve)


def young_star(rng: np.random.Generator) -> Variation:
    """Draw a YSO: accretion noise of days, with quasi-periodic dips, bursts or spots.

    The three behaviours and their scales follow Cody et al. 2014, AJ 147, 82.
    """
    tau = log_uniform(rng, 1.5, 60.0)
    sigma = log_uniform(rng, 0.06, 0.45)
    step = 0.25
    walk = damped_random_walk(rng, tau, sigma, step)
    behaviour = rng.choice(3, p=[0.4, 0.3, 0.3])
    period = log_uniform(rng, 2.5, 12.0)
    strength = damped_random_walk(rng, 20.0, 1.0, step)
    grid = step * np.arange(len(walk))
    beat = np.cos(2.0 * np.pi * grid / period)
    if behaviour == 0:  # dips: a warped inner disk crosses the star
        walk += rng.uniform(0.3, 1.0) * np.clip(strength, 0.0, 2.0) * np.exp(4.0 * (beat - 1.0))
    elif behaviour == 1:  # bursts of accretion
        walk -= rng.uniform(0.3, 0.8) * np.clip(strength - 0.8, 0.0, 2.0)
    else:  # a hot spot that lives a few rotations
        walk += 0.25 * strength * beat
    redness = rng.uniform(0.72, 0.9)

    def curve(time: Array, band: Band) -> Array:
        return in_band(band, 1.0, redness) * on_grid(walk, step, time)

    return Variation(curve)


def outburst_shape(age: Array, rise: float, plateau: float, decay: float) -> Array:
    """Return a dwarf-nova outburst at some age since onset [d]: between 0 and 1, shape (n,).

    A linear rise and a plateau of the given durations [d], then an exponential fall that takes
    `decay` [d] for a factor e.
    """
    fading = np.exp(-np.maximum(age - rise - plateau, 0.0) / decay)
    return np.asarray(np.clip(age / rise, 0.0, 1.0) * fading)


def cataclysmic(rng: np.random.Generator) -> Variation:
    """Draw a cataclysmic variable: dwarf-nova outbursts on top of flickering.

    Rise of a day, amplitude of 2 to 5 mag, recurrence of weeks to months (Warner 1995,
    Cataclysmic Variable Stars, ch. 3). A fifth are nova-likes: flickering and states only.
    """
    flicker = damped_random_walk(rng, 0.05, rng.uniform(0.05, 0.2), 0.02)
    states = damped_random_walk(rng, 150.0, rng.uniform(0.05, 0.3), 1.0)
    recurrence = log_uniform(rng, 12.0, 120.0)
    amplitude = 0.0 if rng.random() < 0.2 else rng.uniform(1.2, 4.0)
    gaps = recurrence * rng.uniform(0.6, 1.4, int(2.0 * BASELINE_DAYS / recurrence) + 2)
    onsets = np.cumsum(gaps) - 1.5 * recurrence
    plateaus = rng.uniform(0.5, 6.0, len(onsets))
    rise, decay = rng.uniform(0.5, 1.5), rng.uniform(2.0, 5.0)

    def curve(time: Array, band: Band) -> Array:
        bright = np.zeros_like(time)
        for onset, plateau in zip(onsets.tolist(), plateaus.tolist(), strict=True):
            bright = np.maximum(bright, outburst_shape(time - onset, rise, plateau, decay))
        quiet = on_grid(flicker, 0.02, time) + on_grid(states, 1.0, time)
        return in_band(band, 1.0, 0.9) * (quiet - amplitude * bright)

    return Variation(curve)


def flare_star(rng: np.random.Generator) -> Variation:
    """Draw an active M dwarf: flares that fade within hours, on a slowly rotating spotted star.

    Amplitudes follow a power law, dN/dA ~ A^-1.7; flares are far stronger in the blue (Davenport
    et al. 2012, ApJ 748, 58).
    """
    rate = log_uniform(rng, 0.8, 4.0)
    n_flares = int(rate * BASELINE_DAYS)
    starts = np.sort(BASELINE_DAYS * rng.random(n_flares))
    heights = np.minimum(0.14 * (1.0 - rng.random(n_flares)) ** (-1.0 / 0.7), 2.5)
    decay = log_uniform(rng, 0.02, 0.08)
    period, spots, epoch = log_uniform(rng, 0.5, 20.0), rng.uniform(0.0, 0.03), rng.random()

    def curve(time: Array, band: Band) -> Array:
        latest = np.searchsorted(starts, time, side="right") - 1
        age = time - starts[np.maximum(latest, 0)]
        flare = heights[np.maximum(latest, 0)] * np.exp(-np.abs(age) / decay) * (latest >= 0)
        rotation = spots * np.sin(2.0 * np.pi * (time / period + epoch))
        return np.asarray(rotation - in_band(band, 1.0, 0.45) * flare)

    return Variation(curve)


def slow_trend(rng: np.random.Generator) -> Variation:
    """Draw a star that changes over a year or more: a drift, a step of a few months, a cycle."""
    size = log_uniform(rng, 0.08, 0.9)
    behaviour = rng.integers(3)
    middle = BASELINE_DAYS * rng.uniform(0.2, 0.8)
    duration = log_uniform(rng, 40.0, 250.0)
    cycle = log_uniform(rng, 500.0, 2000.0)
    sign = 1.0 if rng.random() < 0.5 else -1.0
    ratio = rng.uniform(0.7, 1.1)
    noise = damped_random_walk(rng, 80.0, 0.06 * size, 2.0)

    def curve(time: Array, band: Band) -> Array:
        if behaviour == 0:
            shape = (time - middle) / BASELINE_DAYS
        elif behaviour == 1:
            shape = np.tanh((time - middle) / duration)
        else:
            shape = np.sin(2.0 * np.pi * (time - middle) / cycle)
        total = sign * size * shape + on_grid(noise, 2.0, time)
        return np.asarray(in_band(band, 1.0, ratio) * total)

    return Variation(curve)


def irregular(rng: np.random.Generator) -> Variation:
    """Draw an irregular variable of another kind, such as a Be star: noise of days to weeks."""
    tau = log_uniform(rng, 3.0, 40.0)
    walk = damped_random_walk(rng, tau, log_uniform(rng, 0.02, 0.25), 0.5)
    ratio = rng.uniform(0.85, 1.1)

    def curve(time: Array, band: Band) -> Array:
        return in_band(band, 1.0, ratio) * on_grid(walk, 0.5, time)

    return Variation(curve)


def spotted_binary(rng: np.random.Generator) -> Variation:
    """Draw an RS CVn star: two spot groups whose sizes and longitudes drift over months.

    Light lost by a small dark spot goes as its projected area, max(0, cos longitude), so the
    curve is nearly sinusoidal while one group dominates (Eker 1994, ApJ 420, 373).
    """
    period = log_uniform(rng, 0.5, 14.0)
    size = log_uniform(rng, 0.06, 0.4)
    sizes = [damped_random_walk(rng, 300.0, 0.35, 5.0) for _ in range(2)]
    drifts = [damped_random_walk(rng, 400.0, 0.06, 5.0) for _ in range(2)]
    longitudes = np.array([0.0, rng.uniform(0.2, 0.5)]) + rng.random()
    weights = (1.0, rng.uniform(0.0, 0.6))
    cycle, cycle_size = rng.uniform(800.0, 3000.0), 0.4 * size * rng.random()

    def curve(time: Array, band: Band) -> Array:
        total = cycle_size * np.sin(2.0 * np.pi * time / cycle)
        for weight, area, drift, longitude in zip(weights, sizes, drifts, longitudes, strict=True):
            phase = fold(time, period) + longitude + on_grid(drift, 5.0, time)
            seen = np.maximum(np.cos(2.0 * np.pi * phase), 0.0)
            total = total + weight * size * np.clip(1.0 + on_grid(area, 5.0, time), 0, 2) * seen
        return np.asarray(in_band(band, 1.0, 0.88) * total)

    return Variation(curve, period)


def rotator(rng: np.random.Generator) -> Variation:
    """Draw a rotating or otherwise strictly periodic star of a stable, nearly sinusoidal shape."""
    period = log_uniform(rng, 0.3, 40.0)
    amplitude = log_uniform(rng, 0.025, 0.25)
    second, shift, epoch = rng.uniform(0.0, 0.4), 2.0 * np.pi * rng.random(), rng.random()
    ratio = rng.uniform(0.8, 1.0)

    def curve(time: Array, band: Band) -> Array:
        angle = 2.0 * np.pi * (time / period + epoch)
        shape = 0.5 * np.sin(angle) + 0.5 * second * np.sin(2.0 * angle + shift)
        return np.asarray(in_band(band, amplitude, ratio) * shape)

    return Variation(curve, period)


def spotted_giant(rng: np.random.Generator) -> Variation:
    """Draw a rotating spotted giant, whose period and amplitude may be a Cepheid's."""
    period = log_uniform(rng, 1.5, 50.0)
    amplitude = log_uniform(rng, 0.12, 0.6)
    second, shift, epoch = rng.uniform(0.0, 0.5), 2.0 * np.pi * rng.random(), rng.random()
    drift = damped_random_walk(rng, 500.0, 0.03, 5.0)

    def curve(time: Array, band: Band) -> Array:
        angle = 2.0 * np.pi * (time / period + epoch + on_grid(drift, 5.0, time))
        shape = 0.5 * np.sin(angle) + 0.5 * second * np.sin(2.0 * angle + shift)
        return np.asarray(in_band(band, amplitude, 0.78) * shape)

    return Variation(curve, period)


def constant(rng: np.random.Generator) -> Variation:
    """Return a star that does not vary; nothing is drawn."""
    del rng

    def curve(time: Array, band: Band) -> Array:
        del band
        return np.zeros_like(time)

    return Variation(curve)


def miscalibrated(rng: np.random.Generator) -> Variation:
    """Draw a constant star whose calibration leaves a few hundredths: small artefacts."""
    large = artefact(rng)
    fraction = log_uniform(rng, 0.1, 0.7)
    return Variation(lambda time, band: fraction * large.curve(time, band))


def artefact(rng: np.random.Generator) -> Variation:
    """Draw what looks variable and is not: a blend, a ghost, a moving diffraction spike.

    Offsets follow the season (the camera is refocused, a spike turns), the hour of night
    (airmass), and for a third single nights (a ghost of a bright star nearby).
    """
    seasons = rng.normal(0.0, log_uniform(rng, 0.02, 0.2), (2, 8))
    hourly = rng.normal(0.0, 0.06)
    ghost_rate = rng.uniform(0.02, 0.15) if rng.random() < 0.35 else 0.0
    ghosts = rng.random((2, int(BASELINE_DAYS) + 2)) < ghost_rate
    depth = rng.normal(0.0, 0.5)

    def curve(time: Array, band: Band) -> Array:
        row = int(band is Band.R)
        season = seasons[row, np.minimum((time // 182.6).astype(np.int64), 7)]
        airmass = hourly * np.cos(2.0 * np.pi * time) * (1.5 - 0.5 * row)
        ghost = depth * ghosts[row, time.astype(np.int64)]
        return np.asarray(season + airmass + ghost)

    return Variation(curve)
