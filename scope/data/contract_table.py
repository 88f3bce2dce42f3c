"""What the columns of a contract table mean, and what fetch makes of them.

For docs/data-contract.md, which joins it with the rules of scope.data.contract and the formulae of
scope.features.definitions.
"""

from dataclasses import dataclass

NUMBER = "text that is no number is refused; null and infinite values are kept, as missing"
NEEDED = "refused where it is absent; text that is no number is refused"
ALLWISE = "Cutri et al. 2013, AllWISE (VizieR II/328)"
GAIA = "Gaia Collaboration 2021, A&A 649, A1"
PS1 = "Chambers et al. 2016, arXiv:1612.05560"
ZTF = "Bellm et al. 2019, PASP 131, 018002"
BRAAI = "Duev et al. 2019, MNRAS 489, 3582"


@dataclass(frozen=True)
class Column:
    """A column, or all that match a name such as `AllWISE__w?mpro`.

    Attributes
    ----------
    unit : "" for a pure number or a name
    reader : what the stages fetch and fetch_catalogue do with it
    kind : its type in the table
    source : where the values are from or are described
    """

    name: str
    unit: str
    meaning: str
    reader: str = NUMBER
    kind: str = "float64"
    source: str = ""


WHERE_AND_WHAT = (
    Column(
        "_id",
        "",
        "identifier of the light curve: of one source, filter and field",
        "refused where it is absent, no whole number, or a float of 2^53 or more; in a file of "
        "objects also where it is not unique",
        "int64",
    ),
    Column(
        "obj_id",
        "",
        "name of the source that several light curves share",
        "null where it is absent or empty",
        "text or null",
    ),
    Column("ra", "deg", "right ascension, ICRS", NEEDED),
    Column("dec", "deg", "declination, ICRS", NEEDED),
    Column(
        "period",
        "d",
        "found by the search, or known; null where unknown",
        "of light curves with `dataset.period: column`: refused where it is absent, zero, negative "
        "or infinite, searched where it is null; of a table: null throughout where it has none",
    ),
    Column(
        "filter",
        "",
        "as the file calls it; ZTF has 1, 2, 3 for g, r, i",
        "that of the points where the objects have none; a light curve in two filters is refused",
        "number or text",
    ),
    Column("field", "", "ZTF field", kind="number", source=ZTF),
    Column("ccd", "", "CCD of the ZTF camera", kind="number", source=ZTF),
    Column("quad", "", "quadrant of the CCD", kind="number", source=ZTF),
)
HISTOGRAM = Column(
    "dmdt",
    "",
    "dm-dt histogram, 26 x 26 cells, row by row",
    "made of the light curve; of a table: refused where it is not of 26 x 26 or 676 finite "
    "numbers, or absent while `training.conv_branch` is true; else zero throughout",
    "list of 676 float32",
)
LABEL = Column(
    "LABEL",
    "",
    "how sure it is that the light curve carries the label",
    "text that is no number is refused; with `dataset.label_column`: 0 or 1 by "
    "`dataset.label_map`, null where the class is null, and refused where the map lacks the class",
)
CATALOGUES = (
    Column("n_ztf_alerts", "", "number of ZTF alerts at the position", source=ZTF),
    Column("mean_ztf_alert_braai", "", "mean real-bogus score of these alerts", source=BRAAI),
    Column("AllWISE__w?mpro", "mag", "profile-fit magnitude in that band", source=ALLWISE),
    Column("AllWISE__w?sigmpro", "mag", "error of that magnitude", source=ALLWISE),
    Column("Gaia_EDR3__phot_g_mean_mag", "mag", "mean magnitude, G", source=GAIA),
    Column("Gaia_EDR3__phot_bp_mean_mag", "mag", "mean magnitude, BP", source=GAIA),
    Column("Gaia_EDR3__phot_rp_mean_mag", "mag", "mean magnitude, RP", source=GAIA),
    Column("Gaia_EDR3__phot_bp_rp_excess_factor", "", "flux in BP and RP over G", source=GAIA),
    Column("Gaia_EDR3__parallax", "mas", "parallax", source=GAIA),
    Column("Gaia_EDR3__parallax_error", "mas", "its error", source=GAIA),
    Column("Gaia_EDR3__pmra", "mas/yr", "proper motion in ra, times cos(dec)", source=GAIA),
    Column("Gaia_EDR3__pmra_error", "mas/yr", "its error", source=GAIA),
    Column("Gaia_EDR3__pmdec", "mas/yr", "proper motion in dec", source=GAIA),
    Column("Gaia_EDR3__pmdec_error", "mas/yr", "its error", source=GAIA),
    Column(
        "Gaia_EDR3__astrometric_excess_noise",
        "mas",
        "scatter beyond the errors of the astrometric solution",
        source=GAIA,
    ),
    Column("PS1_DR1__?MeanPSFMag", "mag", "mean PSF magnitude in that band", source=PS1),
    Column("PS1_DR1__?MeanPSFMagErr", "mag", "error of that magnitude", source=PS1),
    Column("PS1_DR1__qualityFlag", "", "bits on the quality of the object", source=PS1),
)
# The file of points, in long form: read by scope.lightcurves.long_form, used as in .points.
PHOTOMETRY = (
    Column(
        "_id",
        "",
        "the light curve that the point is of; also called `id`",
        "refused where it is no whole number; points of no object are listed as dropped",
        "int64",
    ),
    Column(
        "mjd",
        "d",
        "MJD, or a Julian date, of which 2,400,000.5 are taken off; also called `time` or `hjd`",
        "text is refused; points outside `features.time_range` are left out",
    ),
    Column(
        "mag",
        "mag",
        "magnitude",
        "text is refused; points that are not finite or outside `features.mag_range` are left out",
    ),
    Column(
        "magerr",
        "mag",
        "its error",
        "text is refused; points where it is not finite, not above 0, or `features.max_magerr` and "
        "more are left out",
    ),
    Column(
        "filter",
        "",
        "optional",
        "refused where a light curve has two",
        "number or text",
    ),
    Column(
        "catflags",
        "",
        "optional; 0 of a good point",
        "other points are left out",
    ),
)
