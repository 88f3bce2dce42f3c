"""The report: what is in it, that it stands alone, that it is the same to the byte."""

import html.parser
import json

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS

from scope.base.errors import DataError
from scope.config.disagreements import DisagreementParams
from scope.config.fritz import FritzParams
from scope.disagreements.candidates import Candidate
from scope.reports.figures import aitoff
from scope.reports.light_curves import filter_name
from scope.reports.published_scores import report_scores
from scope.reports.source_cards import source_cards

PARAMS = DisagreementParams(high=0.95, low=0.1, radius_arcsec=2.0)
FRITZ = FritzParams(mode="plan", group_ids=[], taxonomy_id=None)


ROW = {"_id": 9_007_199_254_740_993, "obj_id": None, "tag": "ew", "sure": "dnn", "period": 0.25}
ROW |= {"dnn": np.float32(0.9875), "xgb": np.float32(0.2125), "dnn_std": 0.0126, "xgb_std": np.nan}
ROW |= {"field": 296.0, "ccd": 1.0, "quad": np.nan, "filter": 2.0, "skew": 0.12345, "median": None}


class Loads(html.parser.HTMLParser):
    """Collects what a browser would fetch by itself, and the cards."""

    def __init__(self):
        super().__init__()
        self.fetched = []
        self.cards = 0

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.fetched += [value for name, value in attrs if name in {"src", "srcset", "poster"}]
        self.fetched += [names.get("href")] if tag in {"link", "base"} else []
        self.cards += names.get("class") == "card"


@pytest.fixture
def scores(tmp_path):
    path = tmp_path / "scores.csv"
    pd.DataFrame(
        {
            "_id": [9_007_199_254_740_993, 2, 3],
            "obj_id": ["<b>bold</b>", None, None],
            "ra": [10.0, 20.0, 30.0],
            "dec": [1.0, 2.0, 3.0],
            "ew_dnn": [1.0, 0.5, 0.0],
            "ew_xgb": [0.0, 0.5, 1.0],
        }
    ).to_csv(path, index=False)
    return path


def read(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_report_is_the_same_to_the_byte(scores, tmp_path):
    for name in ("one", "two"):
        report_scores(scores, tmp_path / name, PARAMS, FRITZ)
    assert read(tmp_path / "one") == read(tmp_path / "two")
    assert set(read(tmp_path / "one")) == {"report.html", "report.csv", "receipt.json"}


def test_the_page_fetches_nothing_and_has_a_card_a_source(scores, tmp_path):
    report_scores(scores, tmp_path / "out", PARAMS, FRITZ)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    loads = Loads()
    loads.feed(page)
    assert (loads.fetched, loads.cards) == ([], 2)
    assert "@import" not in page
    assert "url(" not in page


def test_words_of_the_data_are_shown_as_words(scores, tmp_path):
    report_scores(scores, tmp_path / "out", PARAMS, FRITZ)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>" not in page


def test_an_id_beyond_the_exact_floats_stays_what_it_is(scores, tmp_path):
    report_scores(scores, tmp_path / "out", PARAMS, FRITZ)
    table = pd.read_csv(tmp_path / "out" / "report.csv")
    assert table["_id"].tolist() == [3, 9_007_199_254_740_993]
    assert "9007199254740993" in (tmp_path / "out" / "receipt.json").read_text()


def test_a_score_stands_with_its_spread_where_an_algorithm_has_several_models(scores, tmp_path):
    report_scores(scores, tmp_path / "one", PARAMS, FRITZ)
    assert "&plusmn;" not in (tmp_path / "one/report.html").read_text()
    table = pd.read_csv(scores).assign(ew_dnn_std=[0.0125, 0.1, 0.0375])
    table.to_csv(scores, index=False)
    report_scores(scores, tmp_path / "several", PARAMS, FRITZ)
    page = (tmp_path / "several/report.html").read_text()
    assert '1.000 <span class="soft">&plusmn;&nbsp;0.013</span>' in page
    assert page.count("&plusmn;") == 2
    assert "the standard deviation among the models" in page


def card(**changes):
    return source_cards([Candidate("ZTFJ", 10.0, -0.5, [ROW | changes])], {"ew": "EW"}, {})[0]


def test_a_card_has_position_scores_and_features_as_they_are_shown():
    made = card()
    assert (made.ra, made.dec) == ("00:40:00.00", "-00:30:00.0")
    assert (made.degrees, made.period, made.gap) == ("10.000000 -0.500000", 0.25, 0.78)
    row = made.rows[0]
    assert (row.light_curve, row.obj_id, row.name) == ("9007199254740993", "", "EW")
    # float32 holds 0.9875 as 0.98750001 and 0.2125 as 0.21250001.
    assert (row.dnn, row.xgb, row.dnn_std, row.xgb_std) == (0.988, 0.213, 0.013, None)
    assert row.where == "field 296, ccd 1, filter r"
    assert made.features == [("skewness", "0.1235")]
    assert (made.fate, made.curves, row.reasons) == (None, [], [])


@pytest.mark.parametrize("period", [None, np.nan, np.inf])
def test_a_card_has_no_period_to_fold_with_where_none_is_known(period):
    assert card(period=period).period is None


def test_each_pair_of_a_class_and_the_algorithm_that_is_sure_is_named_once():
    rows = [ROW, ROW | {"_id": 2, "sure": "xgb"}, ROW | {"_id": 3}]
    made = source_cards([Candidate("ZTFJ", 10.0, -0.5, rows)], {"ew": "EW"}, {})[0]
    assert made.verdicts == [("EW", "dnn"), ("EW", "xgb")]


def test_a_filter_is_called_by_its_letter_where_ztf_numbers_it():
    assert [filter_name(one) for one in (1, 2.0, "3", "zg", np.nan)] == ["g", "r", "i", "zg", ""]


def test_known_sources_are_left_out_when_they_are_given(scores, tmp_path):
    known = tmp_path / "known.csv"
    pd.DataFrame({"_id": [3], "ra": [0.0], "dec": [0.0]}).to_csv(known, index=False)
    summary = report_scores(scores, tmp_path / "out", PARAMS, FRITZ, known)
    assert (summary.removed, summary.counts["ew"]["xgb"]) == (1, 0)


def test_a_report_without_disagreements_says_so(scores, tmp_path):
    table = pd.read_csv(scores).assign(ew_xgb=0.5)
    table.to_csv(scores, index=False)
    report_scores(scores, tmp_path / "out", PARAMS, FRITZ)
    assert "No disagreements" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert len(pd.read_csv(tmp_path / "out" / "report.csv")) == 0


def test_a_missing_table_is_an_error_of_the_data(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        report_scores(tmp_path / "none.csv", tmp_path / "out", PARAMS, FRITZ)


def test_the_sky_map_is_the_aitoff_projection_of_the_fits_standard():
    rng = np.random.default_rng(5)
    ra, dec = rng.uniform(1, 359, 50), rng.uniform(-89, 89, 50)
    standard = WCS(naxis=2)
    standard.wcs.ctype = ["RA---AIT", "DEC--AIT"]
    standard.wcs.crval = [180.0, 0.0]
    standard.wcs.cdelt = [-1.0, 1.0]
    x, y = standard.world_to_pixel(SkyCoord(ra, dec, unit="deg"))
    scale = 360.0 * np.sqrt(2.0) / np.pi  # of the standard's Hammer-Aitoff: half-width in degrees
    own_x, own_y = hammer_from_aitoff(*aitoff(ra, dec))
    np.testing.assert_allclose(own_x * scale / 2.0, x + 1.0, atol=1e-6)
    np.testing.assert_allclose(own_y * scale / 2.0, y + 1.0, atol=1e-6)


def hammer_from_aitoff(x, y):
    """Both are the azimuthal view of half the longitude; only the radius differs."""
    away = np.hypot(x / 2.0, y) * np.pi / 2.0
    ratio = np.sqrt(2.0) * np.sin(away / 2.0) / np.where(away == 0, 1.0, away * 2.0 / np.pi)
    return x * ratio, y * ratio


@pytest.mark.realdata
def test_the_published_scores_of_field_296_give_what_plain_pandas_counts(real_data, tmp_path):
    path = real_data / "scope_predictions" / "field_296_100rows_v1.csv"
    table = pd.read_csv(path)
    expected = set()
    for tag in {name[:-4] for name in table if name.endswith("_dnn")}:
        dnn, xgb = table[f"{tag}_dnn"], table[f"{tag}_xgb"]
        wide = ((dnn > 0.95) & (xgb <= 0.1)) | ((xgb > 0.95) & (dnn <= 0.1))
        expected |= {(one, tag) for one in table.loc[wide, "_id"]}
    assert len(expected) == 6
    report_scores(path, tmp_path, PARAMS, FRITZ)
    found = pd.read_csv(tmp_path / "report.csv")
    assert set(zip(found["_id"], found["tag"], strict=True)) == expected
    assert json.loads((tmp_path / "receipt.json").read_text())["sources"] == 6
