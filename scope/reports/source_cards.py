"""What is known of the sources to look at: the cards that both pages of this room format."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scope.data.sky import sexagesimal
from scope.disagreements.candidates import Candidate, is_missing
from scope.reports.light_curves import DrawnCurve, filter_name
from scope.reports.source_links import links

# What a scanner looks at first; reports/fritz/report.csv has all.
SHOWN_FEATURES = {
    "wmean": "mean brightness [mag]",
    "median": "median brightness [mag]",
    "i90r": "5-95 % range [mag]",
    "significance": "significance of the period",
    "f1_power": "share of chi2 that the Fourier model explains",
    "skew": "skewness",
    "inv_vonneumannratio": "1 / von Neumann ratio",
    "stetson_k": "Stetson K",
    "n_ztf_alerts": "ZTF alerts",
    "Gaia_EDR3__phot_g_mean_mag": "Gaia G [mag]",
    "Gaia_EDR3__parallax": "Gaia parallax [mas]",
    "AllWISE__w1mpro": "WISE W1 [mag]",
}


class Reason(NamedTuple):
    """One input of the trees: its name, contribution to the log-odds of the score, and value."""

    name: str
    share: float
    value: float | None


@dataclass(frozen=True)
class Disagreement:
    """One class of one light curve, scored high by one algorithm and low by the other.

    Attributes
    ----------
    light_curve : its `_id`, as text: JavaScript rounds whole numbers above 2^53
    obj_id : of the light curve, "" where it has none
    where : its field, CCD, quadrant and filter, as far as they are known
    tag, name : of the class
    sure : the algorithm with the high score, "dnn" or "xgb"
    dnn, xgb : the scores
    dnn_std, xgb_std : their spread over the random states, None where an algorithm has one model
    reasons : what drives the score of the trees, the strongest first; empty unless asked for
    """

    light_curve: str
    obj_id: str
    where: str
    tag: str
    name: str
    sure: str
    dnn: float
    xgb: float
    dnn_std: float | None
    xgb_std: float | None
    reasons: list[Reason]


@dataclass(frozen=True)
class SourceCard:
    """All that a page says of one source.

    Attributes
    ----------
    name, ra, dec : ZTFJHHMMSS.ss+DDMMSS.s, HH:MM:SS.ss, +DD:MM:SS.s
    degrees : right ascension and declination in degrees
    period : [d]; None where it is not known
    gap : how far its two scores differ where they differ most
    verdicts : name of a class and algorithm that is sure of it, each pair once
    rows : its disagreements, the widest apart first
    features : what a feature is called and its value, of the light curve of the first row
    links : archive -> address
    fate : what the receipt of push says of its upload; None where there was none
    curves : its light curves, empty unless asked for or where the page has no room for them
    """

    name: str
    ra: str
    dec: str
    degrees: str
    period: float | None
    gap: float
    verdicts: list[tuple[str, str]]
    rows: list[Disagreement]
    features: list[tuple[str, str]]
    links: dict[str, str]
    fate: Mapping[str, Any] | None
    curves: list[DrawnCurve]


Reasons = Mapping[tuple[int, str], list[Reason]]


def source_cards(
    candidates: Sequence[Candidate],
    names: Mapping[str, str],
    uploaded: Mapping[str, Mapping[str, Any]],
    curves: Mapping[int, DrawnCurve] | None = None,
    reasons: Reasons | None = None,
) -> list[SourceCard]:
    """Return a card a source, in the order of the candidates.

    Parameters
    ----------
    names : tag -> name of the class, for those known
    uploaded : name of a source -> its fate, as the receipt of push has it
    curves : by `_id`, for a page that draws them
    reasons : by `_id` and tag, for a page that gives them
    """
    return [
        _card(one, names, uploaded.get(one.name), curves or {}, reasons or {}) for one in candidates
    ]


def _card(
    candidate: Candidate,
    names: Mapping[str, str],
    fate: Mapping[str, Any] | None,
    curves: Mapping[int, DrawnCurve],
    reasons: Reasons,
) -> SourceCard:
    ra, dec = sexagesimal(candidate.ra, candidate.dec)
    rows = [_disagreement(row, names, reasons) for row in candidate.rows]
    light_curves = dict.fromkeys(int(row["_id"]) for row in candidate.rows)
    return SourceCard(
        name=candidate.name,
        ra=ra,
        dec=dec,
        degrees=f"{candidate.ra:.6f} {candidate.dec:+.6f}",
        period=_period(candidate.rows[0]["period"]),
        gap=round(candidate.largest_gap(), 2),
        verdicts=list(dict.fromkeys((row.name, row.sure) for row in rows)),
        rows=rows,
        features=_features(candidate.rows[0]),
        links=links(candidate, fate["page"] if fate else None),
        fate=fate,
        curves=[curves[one] for one in light_curves if one in curves],
    )


def _disagreement(
    row: Mapping[str, Any], names: Mapping[str, str], reasons: Reasons
) -> Disagreement:
    return Disagreement(
        light_curve=str(row["_id"]),
        obj_id="" if is_missing(row["obj_id"]) else row["obj_id"],
        where=_where(row),
        tag=row["tag"],
        name=names.get(row["tag"], row["tag"]),
        sure=row["sure"],
        dnn=round(float(row["dnn"]), 3),
        xgb=round(float(row["xgb"]), 3),
        dnn_std=_spread(row.get("dnn_std")),
        xgb_std=_spread(row.get("xgb_std")),
        reasons=reasons.get((int(row["_id"]), row["tag"]), []),
    )


def _period(value: Any) -> float | None:
    if is_missing(value) or not math.isfinite(value):
        return None
    # Nine digits keep the phase over ten years: 2e5 cycles of 0.02 d drift by 1e-4 of one.
    return float(f"{value:.9g}")


def _features(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (title, f"{row[name]:.4g}")
        for name, title in SHOWN_FEATURES.items()
        if not is_missing(row.get(name))
    ]


def _spread(value: Any) -> float | None:
    return None if is_missing(value) else round(float(value), 3)


def _where(row: Mapping[str, Any]) -> str:
    places = [
        f"{name} {row[name]:.0f}" for name in ("field", "ccd", "quad") if not is_missing(row[name])
    ]
    band = filter_name(row["filter"])
    return ", ".join([*places, f"filter {band}"] if band else places)
