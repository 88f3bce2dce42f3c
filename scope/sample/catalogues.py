"""What Gaia EDR3, AllWISE and Pan-STARRS 1 would list for a source: its body, and noise."""

from dataclasses import dataclass

import numpy as np

from scope.sample.variation import BASELINE_DAYS, Array, Band, Variation

MISSING = float("nan")

# Colours along the stellar locus: BP-RP against Pan-STARRS colours (AB) and r - W1 (W1 in Vega);
# after Pecaut & Mamajek 2013, ApJS 208, 9, and Covey et al. 2007, AJ 134, 2398.
LOCUS_BP_RP = np.array([-0.3, 0.3, 0.8, 1.2, 1.8, 2.5, 3.5, 5.0])
LOCUS = {
    "g-r": np.array([-0.40, 0.10, 0.46, 0.80, 1.15, 1.25, 1.40, 1.80]),
    "r-i": np.array([-0.33, -0.05, 0.15, 0.30, 0.65, 1.15, 1.90, 2.60]),
    "i-z": np.array([-0.28, -0.08, 0.03, 0.14, 0.32, 0.55, 0.90, 1.40]),
    "z-y": np.array([-0.18, -0.04, 0.02, 0.08, 0.18, 0.28, 0.50, 0.80]),
    "r-W1": np.array([-0.60, 0.50, 1.45, 2.30, 3.50, 4.60, 6.20, 9.00]),
}
# A_G and E(BP-RP) over A_V: Wang & Chen 2019, ApJ 877, 116
EXTINCTION_G, REDDENING_BP_RP = 0.79, 0.41

WISE_LIMIT_MAG = (17.6, 16.3, 12.4, 9.0)  # 2 sigma: Cutri et al. 2013, AllWISE supplement
PS1_LIMIT_MAG = {"g": 22.0, "r": 21.8, "i": 21.5, "z": 20.9, "y": 19.7}  # Chambers et al. 2016
GAIA_LIMIT_MAG = 20.9


@dataclass(frozen=True)
class Body:
    """The object behind the light, as far as other surveys see it; each pair is mean and spread.

    Attributes
    ----------
    absolute_mag : M_G at log10(period / d) = 0 [mag]
    absolute_slope : change of M_G per dex of period
    bp_rp : unreddened BP - RP at log10(period / d) = 0 [mag]
    colour_slope : change of BP - RP per dex of period
    infrared_excess : r - W1 beyond that of a star of the same colour [mag]
    w1_w2, w2_w3 : [mag, Vega]
    speed_km_s : transverse speed; 0 for objects beyond the Galaxy
    """

    absolute_mag: tuple[float, float]
    bp_rp: tuple[float, float]
    absolute_slope: float = 0.0
    colour_slope: float = 0.0
    infrared_excess: tuple[float, float] = (0.0, 0.15)
    w1_w2: tuple[float, float] = (-0.02, 0.05)
    w2_w3: tuple[float, float] = (0.05, 0.15)
    speed_km_s: float = 40.0
    extended: bool = False


@dataclass(frozen=True)
class Appearance:
    """One drawn object: what its catalogue entries follow from; magnitudes are means.

    Attributes
    ----------
    g_mag, r_mag : mean magnitudes (AB) [mag]
    bp_rp : reddened colour [mag]
    distance_kpc : infinite beyond the Galaxy
    spread_mag : standard deviation of its brightness, which single-epoch catalogues sample
    """

    g_mag: float
    r_mag: float
    bp_rp: float
    distance_kpc: float
    spread_mag: float

    def mean(self) -> dict[Band, float]:
        """Return the mean magnitude in each ZTF band."""
        return {Band.G: self.g_mag, Band.R: self.r_mag}


def absolute_magnitude(body: Body, period_days: float) -> float:
    """Return the mean M_G [mag] of a kind of object at a period [d]; NaN counts as one day."""
    return body.absolute_mag[0] + body.absolute_slope * _log_period(period_days)


def _log_period(period_days: float) -> float:
    return 0.0 if np.isnan(period_days) else float(np.log10(period_days))


def draw_appearance(
    rng: np.random.Generator, body: Body, variation: Variation, r_mag: float, latitude: float
) -> Appearance:
    """Draw colour, extinction and distance of a source of mean magnitude `r_mag`.

    Extinction A_V falls with Galactic latitude [deg] over a scale of 10 deg.
    """
    log_period = _log_period(variation.period_days)
    extinction = float(rng.exponential(0.05 + 1.3 * np.exp(-abs(latitude) / 10.0)))
    colour = rng.normal(*body.bp_rp) + body.colour_slope * log_period
    colour = float(np.clip(colour + REDDENING_BP_RP * extinction, -0.3, 5.0))
    absolute = rng.normal(absolute_magnitude(body, variation.period_days), body.absolute_mag[1])
    g_r = float(np.interp(colour, LOCUS_BP_RP, LOCUS["g-r"])) + float(rng.normal(0.0, 0.04))
    # 10 pc is modulus zero: d [kpc] = 10^(0.2 modulus - 2).
    modulus = r_mag - 0.1 * colour - EXTINCTION_G * extinction - absolute
    distance = np.inf if body.extended or body.speed_km_s == 0 else 10.0 ** (0.2 * modulus - 2.0)
    spread = float(np.std(variation.curve(np.linspace(0.0, BASELINE_DAYS, 101), Band.R)))
    return Appearance(round(r_mag + g_r, 4), round(r_mag, 4), colour, float(distance), spread)


def _normals(rng: np.random.Generator, means: Array, errors: Array) -> Array:
    return np.asarray(means + errors * rng.standard_normal(len(means)))


def gaia(rng: np.random.Generator, body: Body, seen: Appearance) -> dict[str, float]:
    """Draw the Gaia EDR3 entry; all NaN for the 3 % without a match and for the faintest."""
    g_mag = seen.r_mag - 0.1 * (seen.bp_rp - 0.8) + 0.5 * seen.spread_mag * rng.standard_normal()
    # Errors against magnitude: Lindegren et al. 2021, A&A 649, A2
    error = float(np.hypot(0.02, 0.5 * 10.0 ** (0.28 * (g_mag - 20.0)))) * rng.uniform(0.85, 1.3)
    # A speed of 4.74 km/s is one au a year: 1 mas/yr at 1 kpc.
    motion = body.speed_km_s / (4.74 * seen.distance_kpc)
    angle = 2.0 * np.pi * rng.random()
    speed = np.abs(rng.normal(1.0, 0.5)) * motion
    truth = np.array([1.0 / seen.distance_kpc, speed * np.sin(angle), speed * np.cos(angle)])
    # The parallax may come out negative, as measured ones do.
    parallax, pmra, pmdec = _normals(rng, truth, error * np.array([1.0, 1.05, 0.95]))
    colour_error = float(np.hypot(0.01, 0.06 * 10.0 ** (0.3 * (g_mag - 19.0))))
    bp_noise, rp_noise = colour_error * rng.standard_normal(2)
    excess = float(rng.exponential(0.15)) + (body.extended or body.speed_km_s == 0) * 0.8
    bp_rp_excess = 1.15 + 0.05 * seen.bp_rp + abs(colour_error * rng.standard_normal())
    entry = {
        "astrometric_excess_noise": excess,
        "parallax": parallax,
        "parallax_error": error,
        "phot_bp_mean_mag": g_mag + 0.45 * seen.bp_rp + bp_noise,
        "phot_bp_rp_excess_factor": bp_rp_excess + 0.6 * body.extended * rng.random(),
        "phot_g_mean_mag": g_mag,
        "phot_rp_mean_mag": g_mag - 0.55 * seen.bp_rp + rp_noise,
        "pmdec": pmdec,
        "pmdec_error": 0.95 * error,
        "pmra": pmra,
        "pmra_error": 1.05 * error,
    }
    matched = rng.random() >= 0.03 and g_mag < GAIA_LIMIT_MAG
    return _named("Gaia_EDR3__", entry, matched, 4)


def allwise(rng: np.random.Generator, body: Body, seen: Appearance) -> dict[str, float]:
    """Draw the AllWISE entry; fainter than 2 sigma a band is an upper limit, its error NaN."""
    w1 = seen.r_mag - float(np.interp(seen.bp_rp, LOCUS_BP_RP, LOCUS["r-W1"]))
    w1 -= rng.normal(*body.infrared_excess)
    w2 = w1 - rng.normal(*body.w1_w2)
    w3 = w2 - rng.normal(*body.w2_w3)
    true = np.array([w1, w2, w3, w3 - abs(rng.normal(0.8 * body.w2_w3[0], 0.2))])
    limit = np.array(WISE_LIMIT_MAG)
    error = np.hypot(0.023, 0.5 * 10.0 ** (0.4 * (np.minimum(true, limit + 2.0) - limit)))
    measured = _normals(rng, true, np.minimum(error, 0.5))
    detected = np.round(measured, 3) < limit
    entry: dict[str, float] = {}
    for band in range(4):
        bound = limit[band] - 0.3 * rng.random()
        # As in AllWISE, where a null error is what marks an upper limit.
        entry[f"w{band + 1}mpro"] = measured[band] if detected[band] else bound
        entry[f"w{band + 1}sigmpro"] = error[band] if detected[band] else MISSING
    return _named("AllWISE__", entry, bool(detected[0]) and rng.random() >= 0.04, 3)


def pan_starrs(rng: np.random.Generator, body: Body, seen: Appearance) -> dict[str, float]:
    """Draw the Pan-STARRS 1 DR1 entry: mean PSF magnitudes, errors and the quality flag."""
    steps = [float(np.interp(seen.bp_rp, LOCUS_BP_RP, LOCUS[c])) for c in ("r-i", "i-z", "z-y")]
    i_mag = seen.r_mag - steps[0]
    true = (seen.g_mag, seen.r_mag, i_mag, i_mag - steps[1], i_mag - steps[1] - steps[2])
    common = 0.35 * seen.spread_mag * rng.standard_normal()
    entry: dict[str, float] = {}
    for band, mag in zip("grizy", true, strict=True):
        error = float(np.hypot(0.004, 0.15 * 10.0 ** (0.4 * (mag - PS1_LIMIT_MAG[band]))))
        error = min(float(np.hypot(error, 0.15 * seen.spread_mag)), 0.5)
        value = mag + common + float(np.hypot(error, 0.02)) * rng.standard_normal()
        faint = round(value, 4) > PS1_LIMIT_MAG[band]
        entry[f"{band}MeanPSFMag"] = MISSING if faint else value
        entry[f"{band}MeanPSFMagErr"] = MISSING if faint else error
    # bits of the object quality flag: 4 and 16 good, 32 best, 1 extended, 8 blended
    entry["qualityFlag"] = 53.0 if body.extended else float(rng.choice((52.0, 60.0), p=(0.8, 0.2)))
    return _named("PS1_DR1__", entry, rng.random() >= 0.02, 4)


def _named(prefix: str, entry: dict[str, float], matched: bool, decimals: int) -> dict[str, float]:
    return {
        prefix + name: round(float(value), decimals) if matched else MISSING
        for name, value in entry.items()
    }


def mean_braai(rng: np.random.Generator, n_real: int, n_false: int) -> float:
    """Draw the mean real-bogus score of a source's alerts (Duev et al. 2019); 0 without alerts."""
    if n_real + n_false == 0:
        return 0.0
    real, false = rng.beta(9.0, 1.5), rng.beta(2.0, 4.0)
    return round(float((n_real * real + n_false * false) / (n_real + n_false)), 4)
