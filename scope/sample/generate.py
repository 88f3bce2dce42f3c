"""The embedded sample data set: simulated ZTF light curves, catalogue entries and labels."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scope.base.errors import ConfigError
from scope.base.files import atomic_dir
from scope.sample.cadence import clear_nights, observe_field
from scope.sample.population import Cadence, Source, choose_kinds, simulate
from scope.sample.sky import fields
from scope.sample.write import write_set

logger = logging.getLogger(__name__)

WEATHER, FIELDS, TRAINING_KINDS, CATALOGUE_KINDS, SHARED, SOURCES = range(6)


@dataclass(frozen=True)
class SampleParams:
    """How large the sample is, and from which seed.

    Attributes
    ----------
    n_training, n_catalogue : sources, each with two light curves (g and r)
    seed : of every random number in it
    shared_fraction : share of the catalogue sources that are training sources, too
    """

    n_training: int = 4000
    n_catalogue: int = 1500
    seed: int = 42
    shared_fraction: float = 0.02


def generate(params: SampleParams, out: Path) -> None:
    """Write the sample into the folder `out`, replacing it.

    `training/` and `catalogue/` each get objects.parquet and lightcurves.parquet; only the training
    objects have labels. Times are rounded to 1e-5 d, magnitudes to 1e-4 mag, positions to 1e-6 deg.

    Raises
    ------
    ConfigError : fewer than one source, or a shared fraction outside [0, 1]
    """
    _check(params)
    cadence = draw_cadence(params.seed)
    training = _simulate_set(params, cadence, catalogue=False)
    catalogue = _simulate_set(params, cadence, catalogue=True)
    n_shared = min(round(params.shared_fraction * params.n_catalogue), params.n_training)
    chosen = stream(params.seed, SHARED).permutation(params.n_training)[:n_shared]
    # Simulated, then overwritten: the sources that stay do not depend on shared_fraction.
    catalogue[: len(chosen)] = [training[k] for k in sorted(chosen.tolist())]
    with atomic_dir(out) as folder:
        write_set(training, folder / "training", labels=True)
        write_set(catalogue, folder / "catalogue", labels=False)
    logger.info("%d training and %d catalogue sources in %s", len(training), len(catalogue), out)


def stream(seed: int, purpose: int, number: int = 0) -> np.random.Generator:
    """Return the random numbers of one purpose and item, independent of all others."""
    # A stream of its own for each source: one more source changes no other one's draws.
    return np.random.default_rng(np.random.SeedSequence([seed, purpose, number]))


def draw_cadence(seed: int) -> Cadence:
    """Return the exposures of every field of the sample."""
    clear = clear_nights(stream(seed, WEATHER))
    return tuple(
        observe_field(stream(seed, FIELDS, field.number), field, clear) for field in fields()
    )


def _simulate_set(params: SampleParams, cadence: Cadence, *, catalogue: bool) -> list[Source]:
    size = params.n_catalogue if catalogue else params.n_training
    first = params.n_training if catalogue else 0
    kinds = choose_kinds(
        stream(params.seed, CATALOGUE_KINDS if catalogue else TRAINING_KINDS),
        size,
        catalogue=catalogue,
    )
    return [
        simulate(stream(params.seed, SOURCES, first + k), first + k, kind, cadence)
        for k, kind in enumerate(kinds)
    ]


def _check(params: SampleParams) -> None:
    if min(params.n_training, params.n_catalogue) < 1:
        raise ConfigError(
            f"a sample needs at least one source in each set, got n_training="
            f"{params.n_training}, n_catalogue={params.n_catalogue}; raise them"
        )
    if not 0.0 <= params.shared_fraction <= 1.0:
        raise ConfigError(
            f"shared_fraction must lie in [0, 1], got {params.shared_fraction}; correct it"
        )
