"""Where one algorithm is sure of a class and the other denies it, about sources not yet known."""

import json
import logging
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scope.base.constants import ALGORITHMS
from scope.base.errors import DataError
from scope.base.files import write_json
from scope.config.disagreements import DisagreementParams
from scope.data.sky import is_near
from scope.tables.rules import require

KEYS = ["_id", "obj_id", "ra", "dec", "period", "field", "ccd", "quad", "filter"]
# What follows the keys: column -> what it holds. The features of the light curve come after these.
FOUND = {
    "tag": "class about which the algorithms disagree",
    "dnn": "score of ScopeNet",
    "xgb": "score of XGBoost",
    "sure": "which of the two is sure, `dnn` or `xgb`; the other denies",
    "dnn_std": "spread of `dnn` over the random states; there where the table of scores has it",
    "xgb_std": "spread of `xgb`, likewise",
}
NOT_FEATURES = ("_dnn", "_xgb", "_dnn_std", "_xgb_std", "_dnn_raw", "_xgb_raw")
DENSITY_BINS = 20  # along each axis of the score plane
LARGEST_EXACT = 2**53  # of the whole numbers that float64 tells apart
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Summary:
    """What was compared and what came of it.

    Attributes
    ----------
    light_curves : rows of the table of scores
    counts : tag -> how many light curves only "dnn", only "xgb" is sure of, after removing the
        known ones; "scored" by both; "missing" a score
    one_sided : tags for which only one algorithm has scores
    known : light curves in the set of known ones, None where there was none to compare with
    removed : disagreements that were removed because their source is known
    high, low : the rule's two scores
    density : how many pairs of scores, over all classes, lie in each cell of a square grid on
        [0, 1]; first index DNN, second XGBoost
    """

    light_curves: int
    counts: dict[str, dict[str, int]]
    one_sided: list[str]
    known: int | None
    removed: int
    high: float
    low: float
    density: list[list[int]]

    def to_json(self, path: Path) -> None:
        """Write the summary to a file."""
        write_json(asdict(self), path)

    @classmethod
    def from_json(cls, path: Path) -> "Summary":
        """Return what `to_json` wrote; DataError where the file does not hold it."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: no summary of disagreements ({error}); rerun them") from error
        names = {field.name for field in fields(cls)}
        if not isinstance(content, dict) or set(content) != names:
            raise DataError(
                f"{path}: needs the keys {', '.join(sorted(names))}; rerun disagreements"
            )
        return cls(**content)


def find_disagreements(
    scores: pd.DataFrame,
    known: pd.DataFrame | None,
    params: DisagreementParams,
    where: str,
) -> tuple[pd.DataFrame, Summary]:
    """Return the disagreements, one row a light curve and class, and their summary.

    Columns: the keys, `tag`, `dnn`, `xgb`, `sure` ("dnn" or "xgb"), `dnn_std` and `xgb_std` where
    the table has such scores, then every further column of it that is no score. Sorted by tag, by
    how far the scores differ, by `_id`.

    Parameters
    ----------
    scores : one row a light curve: `_id`, `ra` and `dec` [deg], `<tag>_dnn`, `<tag>_xgb`
    known : `_id`, `obj_id`, `ra`, `dec` of the light curves whose sources are known already
    where : what to call the table of scores in messages

    Raises
    ------
    DataError : no class has both scores; a score is no number from 0 to 1; `_id` is not whole or
        not unique; a position is missing
    """
    table = _checked_keys(scores, where)
    tags, one_sided = score_pairs(list(scores.columns), where)
    parts, scored, density = [], {}, np.zeros((DENSITY_BINS, DENSITY_BINS), dtype=np.int64)
    for tag in tags:
        dnn, xgb = (_checked_scores(scores, f"{tag}_{name}", where) for name in ALGORITHMS)
        parts.append(_with_spread(_disagreements_of(tag, dnn, xgb, params), scores, tag))
        both = np.isfinite(dnn) & np.isfinite(xgb)
        scored[tag] = int(both.sum())
        density += _density(dnn[both], xgb[both])
    pairs = pd.concat(parts, ignore_index=True)
    found = pd.concat(
        [table.iloc[pairs["row"]][KEYS].reset_index(drop=True), pairs.drop(columns="row")], axis=1
    )
    features = [name for name in table.columns if name not in KEYS]
    found = pd.concat([found, table.iloc[pairs["row"]][features].reset_index(drop=True)], axis=1)
    fresh = np.ones(len(found), dtype=bool)
    if known is not None:
        fresh = ~is_known(found, known, params.radius_arcsec)
        logger.info("%d of %d disagreements removed: known sources", (~fresh).sum(), len(found))
    found = _sorted(found[fresh])
    summary = Summary(
        light_curves=len(scores),
        counts=_counts(found, scored, len(scores)),
        one_sided=one_sided,
        known=None if known is None else len(known),
        removed=int((~fresh).sum()),
        high=params.high,
        low=params.low,
        density=density.tolist(),
    )
    return found, summary


def score_pairs(columns: list[str], where: str) -> tuple[list[str], list[str]]:
    """Return the tags that have both scores and those with only one, each in order of the names.

    Raises
    ------
    DataError : no tag has both scores
    """
    tags = [
        {name.removesuffix(f"_{one}") for name in columns if name.endswith(f"_{one}")}
        for one in ALGORITHMS
    ]
    both, one_sided = sorted(tags[0] & tags[1]), sorted(tags[0] ^ tags[1])
    if not both:
        shown = ", ".join(columns[:20])
        raise DataError(
            f"{where}: no class has both a column <tag>_dnn and <tag>_xgb; its columns: {shown}"
        )
    if one_sided:
        logger.warning("%s: only one of dnn and xgb for %s", where, ", ".join(one_sided))
    return both, one_sided


def is_known(found: pd.DataFrame, known: pd.DataFrame, radius_arcsec: float) -> NDArray[np.bool_]:
    """Return which rows share `_id` or `obj_id` with a known one or lie close to one."""
    same: NDArray[np.bool_] = found["_id"].isin(known["_id"]).to_numpy(dtype=bool)
    if "obj_id" in known:
        names = known["obj_id"].dropna().astype("str")
        same = same | found["obj_id"].isin(names).to_numpy(dtype=bool)
    ra, dec, known_ra, known_dec = (
        table[name].to_numpy(np.float64) for table in (found, known) for name in ("ra", "dec")
    )
    return same | is_near(ra, dec, (known_ra, known_dec), radius_arcsec)


def _disagreements_of(
    tag: str, dnn: NDArray[np.floating], xgb: NDArray[np.floating], params: DisagreementParams
) -> pd.DataFrame:
    # The limits are compared in the scores' own precision: 0.1 stored as float32 counts as 0.1.
    dnn_sure = (dnn > params.high) & (xgb <= params.low)
    xgb_sure = (xgb > params.high) & (dnn <= params.low)
    rows = np.flatnonzero(dnn_sure | xgb_sure)
    return pd.DataFrame(
        {
            "row": rows,
            "tag": pd.array([tag] * len(rows), dtype="str"),
            "dnn": dnn[rows].astype(np.float32),
            "xgb": xgb[rows].astype(np.float32),
            "sure": pd.array(np.where(dnn_sure[rows], "dnn", "xgb"), dtype="str"),
        }
    )


def _with_spread(found: pd.DataFrame, scores: pd.DataFrame, tag: str) -> pd.DataFrame:
    """Add `dnn_std`, `xgb_std`, the spread of an algorithm's models, where the table has them."""
    for name in ALGORITHMS:
        column = f"{tag}_{name}_std"
        if column in scores:
            found[f"{name}_std"] = scores[column].to_numpy(np.float32)[found["row"]]
    return found


def _sorted(found: pd.DataFrame) -> pd.DataFrame:
    gap = (found["dnn"] - found["xgb"]).abs()
    # lexsort takes its last key first.
    order = np.lexsort([found["_id"], -gap, found["tag"].astype(str)])
    return found.iloc[order].reset_index(drop=True)


def _counts(found: pd.DataFrame, scored: dict[str, int], n_rows: int) -> dict[str, dict[str, int]]:
    sure = found.groupby(["tag", "sure"]).size().to_dict()
    return {
        tag: {
            **{name: int(sure.get((tag, name), 0)) for name in ALGORITHMS},
            "scored": count,
            "missing": n_rows - count,
        }
        for tag, count in scored.items()
    }


def _density(dnn: NDArray[np.floating], xgb: NDArray[np.floating]) -> NDArray[np.int64]:
    # A score of exactly 1 belongs to the last cell.
    cells = [np.minimum((one * DENSITY_BINS).astype(int), DENSITY_BINS - 1) for one in (dnn, xgb)]
    flat = np.bincount(cells[0] * DENSITY_BINS + cells[1], minlength=DENSITY_BINS**2)
    return flat.reshape(DENSITY_BINS, DENSITY_BINS)


def _checked_keys(scores: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return the keys, null where absent, and the columns that are no scores."""
    missing = [name for name in ("_id", "ra", "dec") if name not in scores]
    if missing:
        raise DataError(f"{where}: no column {', '.join(missing)}; rename the one that holds it")
    table = scores[[name for name in scores if not str(name).endswith(NOT_FEATURES)]].copy()
    # 676 numbers a row, which nobody reads in a list of disagreements.
    table = table.drop(columns="dmdt", errors="ignore")
    table["_id"] = _whole_ids(scores, where)
    require(table, ~table["_id"].duplicated().to_numpy(), "an _id of their own", where=where)
    for name, (lowest, highest) in {"ra": (0.0, 360.0), "dec": (-90.0, 90.0)}.items():
        table[name] = _numbers(scores, name, where)
        holds = table[name].between(lowest, highest).to_numpy(dtype=bool)
        require(table, holds, f"{name} in [{lowest:g}, {highest:g}] deg", table[name], where)
    names = table["obj_id"] if "obj_id" in table else [None] * len(table)
    table["obj_id"] = pd.Series(names, index=table.index, dtype="str")
    for name in ("period", "field", "ccd", "quad", "filter"):
        if name not in table:
            table[name] = np.nan
    return table


def _whole_ids(scores: pd.DataFrame, where: str) -> NDArray[np.int64]:
    ids = scores["_id"]
    if pd.api.types.is_float_dtype(ids):
        whole = (ids % 1 == 0) & (ids.abs() < LARGEST_EXACT)
        require(scores, whole.to_numpy(dtype=bool), "an _id that is exact", ids, where)
    elif not pd.api.types.is_integer_dtype(ids):
        raise DataError(f"{where}: column '_id' is {ids.dtype}; it must hold whole numbers")
    return ids.to_numpy(np.int64)


def _checked_scores(scores: pd.DataFrame, name: str, where: str) -> NDArray[np.floating]:
    values = _numbers(scores, name, where)
    possible = np.isnan(values) | ((values >= 0.0) & (values <= 1.0))
    require(scores, possible, f"{name} from 0 to 1", values, where)
    return values


def _numbers(table: pd.DataFrame, name: str, where: str) -> NDArray[np.floating]:
    column = table[name]
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        kind = np.float32 if column.dtype == np.float32 else np.float64
        return np.asarray(column.to_numpy(dtype=kind, na_value=np.nan))
    wrong = pd.to_numeric(column, errors="coerce").isna() & column.notna()
    require(table, ~wrong.to_numpy(dtype=bool), f"a number in {name}", column, where)
    return pd.to_numeric(column).to_numpy(np.float64)
