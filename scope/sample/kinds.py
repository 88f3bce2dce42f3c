"""The kinds of source in the sample: signal, body, place in the Galaxy, labels and numbers.

Absolute magnitudes and colours are those of Gaia's variability papers (Gaia Collaboration, Eyer et
al. 2019, A&A 623, A110) unless a relation is cited.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scope.sample import signals_eclipsing as eclipsing
from scope.sample import signals_irregular as irregular
from scope.sample import signals_pulsating as pulsating
from scope.sample.catalogues import Body
from scope.sample.labels import LabelOdds
from scope.sample.variation import Variation, add

Draw = Callable[[np.random.Generator], Variation]

SURE = (1.0,)
MOSTLY = (1.0, 1.0, 1.0, 0.75)
OFTEN = (1.0, 1.0, 0.75, 0.75, 0.5)
LIKELY = (1.0, 0.75, 0.75, 0.5)
MAYBE = (0.5, 0.25, 0.25, 0.0)

DISK = (12.0, 0.0)  # scale of the fall with latitude, and the latitude avoided [deg]
THICK_DISK = (25.0, 0.0)
HALO = (60.0, 8.0)
EXTRAGALACTIC = (200.0, 18.0)


@dataclass(frozen=True)
class Kind:
    """One kind of source.

    Attributes
    ----------
    draw : draws the variation of one source
    body : what other catalogues see
    sky : scale of the fall of density with Galactic latitude, and the latitude avoided [deg]
    r_mag : brightest and faintest mean magnitude in r; numbers rise towards the faint end
    labels : label -> the probabilities scanners give it, at equal odds
    share, catalogue_share : relative numbers in the training set and in the catalogue
    confused_with : name of the kind it is most often mistaken for
    """

    name: str
    draw: Draw
    body: Body
    sky: tuple[float, float]
    r_mag: tuple[float, float]
    labels: LabelOdds
    share: float
    catalogue_share: float
    confused_with: str = ""


def _mixture(*draws: Draw) -> Draw:
    return lambda rng: add(*(draw(rng) for draw in draws))


PERIODIC: LabelOdds = {"variable": SURE, "periodic": SURE}
PULSATING: LabelOdds = {**PERIODIC, "pulsator": SURE}
ECLIPSING: LabelOdds = {**PERIODIC, "eclipsing": SURE, "binary star": MOSTLY}
EW_LABELS: LabelOdds = {**ECLIPSING, "EW": MOSTLY, "W Uma": OFTEN}
EA_LABELS: LabelOdds = {**ECLIPSING, "EA": MOSTLY}
RED_GIANT: LabelOdds = {"variable": SURE, "pulsator": SURE, "LPV": SURE, "long timescale": SURE}

# Period-luminosity and period-colour laws: RR Lyrae M_V = 0.6; delta Scuti McNamara 2011,
# AJ 142, 110; Cepheids Fouque et al. 2007, A&A 476, 73; W UMa Chen et al. 2018, ApJ 859, 140.
RR_LYRAE = Body((0.60, 0.2), (0.60, 0.10), speed_km_s=200.0)
HOT_RR_LYRAE = Body((0.60, 0.2), (0.45, 0.10), speed_km_s=200.0)
DELTA_SCUTI = Body((-1.27, 0.4), (0.35, 0.12), absolute_slope=-2.90)
CEPHEID = Body((-1.28, 0.3), (0.65, 0.10), absolute_slope=-2.68, colour_slope=0.35)
CONTACT = Body((-0.23, 0.5), (-0.10, 0.15), absolute_slope=-9.15, colour_slope=-2.2)
CLOSE_BINARY = Body((2.2, 1.6), (0.60, 0.35))
SPOTTED = Body((3.5, 1.5), (1.20, 0.22), w1_w2=(0.0, 0.05))
DWARF = Body((5.5, 2.2), (1.10, 0.45))
RED_DWARF = Body((9.5, 1.2), (2.60, 0.45), w1_w2=(0.15, 0.05))
MIRA = Body(
    (-0.5, 0.9), (4.00, 0.6),
    infrared_excess=(0.6, 0.6), w1_w2=(0.30, 0.25), w2_w3=(0.9, 0.5),
)  # fmt: skip
RED_GIANT_BODY = Body(
    (-1.2, 1.0), (3.00, 0.7),
    infrared_excess=(0.3, 0.4), w1_w2=(0.12, 0.2), w2_w3=(0.6, 0.4),
)  # fmt: skip
GIANT = Body(
    (0.0, 1.2), (1.15, 0.2),
    infrared_excess=(0.0, 0.2), w1_w2=(-0.05, 0.05),
)  # fmt: skip
QUASAR = Body(
    (-24.0, 1.5), (0.75, 0.35),
    infrared_excess=(1.7, 0.9), w1_w2=(0.80, 0.40), w2_w3=(2.7, 0.6), speed_km_s=0.0,
)  # fmt: skip
YOUNG = Body(
    (6.0, 1.8), (2.00, 0.6),
    infrared_excess=(0.9, 0.6), w1_w2=(0.50, 0.25), w2_w3=(1.8, 0.6), speed_km_s=25.0,
)  # fmt: skip
WHITE_DWARF = Body(
    (9.0, 1.6), (0.45, 0.3),
    infrared_excess=(0.6, 0.4), w1_w2=(0.10, 0.15), w2_w3=(0.4, 0.4), speed_km_s=60.0,
)  # fmt: skip
BE_STAR = Body(
    (-1.5, 1.2), (0.10, 0.25),
    infrared_excess=(0.5, 0.4), w1_w2=(0.15, 0.12), w2_w3=(0.6, 0.4), speed_km_s=25.0,
)  # fmt: skip
BLEND = Body(
    (5.5, 2.5), (1.10, 0.6),
    infrared_excess=(0.3, 0.6), w1_w2=(0.05, 0.2), w2_w3=(0.8, 0.9), extended=True,
)  # fmt: skip

KINDS = (
    Kind(
        "RR Lyrae ab", pulsating.rr_lyrae_ab, RR_LYRAE, HALO, (14.0, 19.8),
        {**PULSATING, "RR Lyrae": SURE, "RR Lyrae ab": MOSTLY}, 170, 55, "RR Lyrae c",
    ),
    Kind(
        "RR Lyrae c", pulsating.rr_lyrae_c, HOT_RR_LYRAE, HALO, (14.0, 19.4),
        {**PULSATING, "RR Lyrae": SURE, "RR Lyrae c": MOSTLY}, 135, 45, "W UMa",
    ),
    Kind(
        "RR Lyrae d", pulsating.rr_lyrae_d, HOT_RR_LYRAE, HALO, (14.0, 19.2),
        {**PULSATING, "RR Lyrae": SURE, "RR Lyrae d": LIKELY, "RR Lyrae c": MAYBE}, 130, 15,
        "RR Lyrae c",
    ),
    Kind(
        "Cepheid", pulsating.cepheid, CEPHEID, DISK, (13.0, 18.8),
        {**PULSATING, "Cepheid": MOSTLY}, 160, 25, "RR Lyrae ab",
    ),
    Kind(
        "Delta Scuti", pulsating.delta_scuti, DELTA_SCUTI, THICK_DISK, (13.5, 18.8),
        {**PULSATING, "Delta Scu": MOSTLY}, 200, 70, "RR Lyrae c",
    ),
    Kind(
        "Mira", pulsating.mira, MIRA, DISK, (12.8, 16.5),
        {**RED_GIANT, "Mira": (*SURE * 4, 0.75, 0.5), "periodic": (1.0, 0.75, 0.5)}, 170, 20,
        "semi-regular",
    ),
    Kind(
        "semi-regular", pulsating.semi_regular, RED_GIANT_BODY, DISK, (12.8, 17.5),
        {**RED_GIANT, "SRV": MOSTLY, "periodic": MAYBE}, 170, 40, "small-amplitude giant",
    ),
    Kind(
        "small-amplitude giant", pulsating.small_amplitude_giant, RED_GIANT_BODY, DISK,
        (12.8, 17.5), {"variable": SURE, "pulsator": LIKELY, "LPV": LIKELY, "SRV": MAYBE},
        50, 15, "slow trend",
    ),
    Kind(
        "red giant with a trend", irregular.slow_trend, RED_GIANT_BODY, DISK, (12.8, 17.5),
        {"variable": SURE, "long timescale": SURE, "LPV": MAYBE}, 35, 10, "semi-regular",
    ),
    Kind(
        "constant red giant", irregular.constant, RED_GIANT_BODY, DISK, (12.8, 18.0),
        {"non-variable": MOSTLY}, 50, 20, "small-amplitude giant",
    ),
    Kind(
        "spotted giant", irregular.spotted_giant, GIANT, DISK, (13.0, 18.3),
        {"variable": SURE, "periodic": LIKELY, "RS CVn": MAYBE}, 50, 25, "Cepheid",
    ),
    Kind(
        "EA", eclipsing.detached, CLOSE_BINARY, THICK_DISK, (13.5, 18.8),
        EA_LABELS, 190, 70, "EB",
    ),
    Kind(
        "EB", eclipsing.semi_detached, CLOSE_BINARY, THICK_DISK, (13.5, 18.8),
        {**ECLIPSING, "EB": MOSTLY, "Beta Lyr": OFTEN, "EW": MAYBE},
        210, 55, "W UMa",
    ),
    Kind(
        "W UMa", eclipsing.contact, CONTACT, THICK_DISK, (14.0, 19.3),
        EW_LABELS, 330, 150, "RR Lyrae c",
    ),
    Kind(
        "RS CVn", irregular.spotted_binary, SPOTTED, THICK_DISK, (13.5, 18.3),
        {"variable": SURE, "periodic": MOSTLY, "binary star": LIKELY, "RS CVn": MOSTLY},
        190, 90, "rotator",
    ),
    Kind(
        "rotator", irregular.rotator, DWARF, THICK_DISK, (13.5, 18.3),
        PERIODIC, 100, 75, "RS CVn",
    ),
    Kind(
        "AGN", irregular.agn, QUASAR, EXTRAGALACTIC, (16.0, 19.9),
        {"variable": SURE, "AGN": MOSTLY, "irregular": LIKELY, "long timescale": LIKELY},
        210, 70, "YSO",
    ),
    Kind(
        "YSO", irregular.young_star, YOUNG, DISK, (13.5, 18.8),
        {"variable": SURE, "YSO": MOSTLY, "irregular": MOSTLY}, 200, 50, "irregular",
    ),
    Kind(
        "CV", irregular.cataclysmic, WHITE_DWARF, THICK_DISK, (16.0, 19.6),
        {"variable": SURE, "CV": MOSTLY, "flaring": MOSTLY, "irregular": MAYBE,
         "binary star": MAYBE},
        110, 20, "flare star",
    ),
    Kind(
        "flare star", irregular.flare_star, RED_DWARF, THICK_DISK, (15.0, 19.0),
        {"variable": SURE, "flaring": MOSTLY}, 120, 30, "irregular",
    ),
    Kind(
        "slow trend", irregular.slow_trend, DWARF, DISK, (13.5, 18.8),
        {"variable": SURE, "long timescale": SURE}, 75, 40, "AGN",
    ),
    Kind(
        "irregular", irregular.irregular, BE_STAR, DISK, (13.0, 18.5),
        {"variable": SURE, "irregular": MOSTLY}, 60, 25, "YSO",
    ),
    Kind(
        "eclipsing RS CVn", _mixture(eclipsing.detached, irregular.spotted_binary), SPOTTED,
        THICK_DISK, (13.5, 18.0), {**EA_LABELS, "RS CVn": MOSTLY}, 25, 30,
    ),
    Kind(
        "pulsator in a binary", _mixture(eclipsing.detached, pulsating.delta_scuti), DELTA_SCUTI,
        THICK_DISK, (13.5, 18.0), {**EA_LABELS, "pulsator": SURE, "Delta Scu": LIKELY}, 15, 30,
    ),
    Kind(
        "rotating YSO", _mixture(irregular.rotator, irregular.young_star), YOUNG, DISK,
        (13.5, 18.0), {"variable": SURE, "YSO": MOSTLY, "irregular": LIKELY, "periodic": MAYBE},
        15, 15,
    ),
    Kind(
        "blue contact binary", eclipsing.contact, HOT_RR_LYRAE, HALO, (15.0, 19.3),
        EW_LABELS, 10, 40,
    ),
    Kind(
        "RR Lyrae beside a red star", pulsating.rr_lyrae_c, SPOTTED, THICK_DISK, (14.0, 19.0),
        {**PULSATING, "RR Lyrae c": OFTEN}, 5, 30,
    ),
    Kind(
        "contact binary before a quasar", _mixture(eclipsing.contact, irregular.agn), QUASAR,
        EXTRAGALACTIC, (16.0, 19.5), {**EW_LABELS, "AGN": MAYBE}, 5, 20,
    ),
    Kind(
        "RR Lyrae with a trend", _mixture(pulsating.rr_lyrae_ab, irregular.slow_trend), RR_LYRAE,
        HALO, (15.0, 19.3), {**PULSATING, "RR Lyrae ab": LIKELY, "long timescale": MAYBE}, 10, 20,
    ),
    Kind(
        "flaring AGN", _mixture(irregular.agn, irregular.flare_star), QUASAR, EXTRAGALACTIC,
        (16.0, 19.5), {"variable": SURE, "AGN": LIKELY, "flaring": LIKELY, "irregular": LIKELY},
        10, 15,
    ),
    Kind(
        "non-variable", irregular.constant, DWARF, THICK_DISK, (13.0, 19.9),
        {"non-variable": (*SURE * 7, 0.75)}, 880, 370, "bogus",
    ),
    Kind(
        "miscalibrated star", irregular.miscalibrated, DWARF, THICK_DISK, (13.0, 19.5),
        {"non-variable": (*SURE * 7, 0.75)}, 300, 130, "rotator",
    ),
    Kind(
        "bogus", irregular.artefact, BLEND, THICK_DISK, (13.5, 19.3),
        {"bogus": MOSTLY, "non-variable": MAYBE}, 200, 90, "irregular",
    ),
)  # fmt: skip

BY_NAME = {kind.name: kind for kind in KINDS}
