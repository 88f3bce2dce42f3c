"""What the features of a light curve are: name, unit, formula, source; for docs/data-contract.md.

A light curve has N points in the order of time: t [d], m and its error s [mag]; w = 1/s^2,
wmean = sum(w m) / sum(w), median = P50; Pq is the q-th percentile, with linear interpolation. P is
the period [d].
"""

from dataclasses import dataclass

SCOPE = "arXiv:2102.11304"
PERIODOGRAM = "Zechmeister & Kuerster 2009, A&A 496, 577"
NORMALITY = "Anderson & Darling 1952, Ann. Math. Stat. 23, 193"
SHAPIRO = "Shapiro & Wilk 1965, Biometrika 52, 591; Royston 1995, Appl. Stat. 44, 547"
STETSON = "Stetson 1996, PASP 108, 851"
WELCH = "Welch & Stetson 1993, AJ 105, 1813"
NEUMANN = "von Neumann 1941, Ann. Math. Stat. 12, 367; Kim et al. 2014, A&A 566, A43"
SMALL_SAMPLES = "Joanes & Gill 1998, The Statistician 47, 183"
SIMON_LEE = "Simon & Lee 1981, ApJ 248, 291"
HERE = "this project"


@dataclass(frozen=True)
class Definition:
    """One feature of scope.features.curve.FEATURES; `unit` is "" for a pure number.

    `formula` is what the code computes, `remark` what the formula leaves open.
    """

    name: str
    unit: str
    formula: str
    source: str = SCOPE
    remark: str = ""


_STATISTICS = (
    Definition("n", "", "N", remark="points that are used"),
    Definition("median", "mag", "P50(m)"),
    Definition("wmean", "mag", "sum(w m) / sum(w)"),
    Definition("chi2red", "", "sum(w (m - wmean)^2) / (N - 1)"),
    Definition("roms", "", "sum(abs(m - median) / s) / (N - 1)"),
    Definition("wstd", "mag", "sqrt(sum(w (m - wmean)^2) / sum(w))"),
    Definition(
        "norm_peak_to_peak_amp", "", "(max(m - s) - min(m + s)) / (max(m - s) + min(m + s))"
    ),
    Definition("norm_excess_var", "", "sum((m - wmean)^2 - s^2) / (N wmean^2)"),
    Definition("median_abs_dev", "mag", "P50(abs(m - median))"),
    Definition("iqr", "mag", "P75(m) - P25(m)"),
    Definition("i60r", "mag", "P80(m) - P20(m)"),
    Definition("i70r", "mag", "P85(m) - P15(m)"),
    Definition("i80r", "mag", "P90(m) - P10(m)"),
    Definition("i90r", "mag", "P95(m) - P5(m)"),
    Definition("skew", "", "N / ((N-1)(N-2)) sum(((m - wmean)/s)^3)", SMALL_SAMPLES),
    Definition(
        *("smallkurt", ""),
        "N(N+1) / ((N-1)(N-2)(N-3)) sum(((m - wmean)/s)^4) - 3(N-1)^2 / ((N-2)(N-3))",
        SMALL_SAMPLES,
    ),
    Definition(
        *("inv_vonneumannratio", ""),
        "1/eta, eta = sum(dt^-2 dm^2) / (sum(dt^-2) wstd^2)",
        NEUMANN,
        "dt, dm: differences of neighbours at different times",
    ),
    Definition(
        *("welch_i", ""),
        "sum(p), p_i = d_i d_(i+1), d = sqrt(N/(N-1)) (m - wmean)/s",
        WELCH,
        "neighbours in time in place of pairs in two bands",
    ),
    Definition("stetson_j", "", "sum(sign(p) sqrt(abs(p)))", STETSON, "p as in welch_i"),
    Definition(
        "stetson_k", "", "(sum(abs(d)) / N) / sqrt(sum(d^2) / N)", STETSON, "d as in welch_i"
    ),
    Definition(
        "ad", "", "A^2 of m/s", NORMALITY, "mean and variance estimated; NaN if all are equal"
    ),
    Definition("sw", "", "W of m/s", SHAPIRO, "NaN if all are equal"),
)
_PERIOD = (
    Definition("period", "d", "P", SCOPE, "found by the search, or known (dataset.period: column)"),
    Definition(
        *("significance", ""),
        "(p - mean(L)) / std(L)",
        PERIODOGRAM,
        "L: Lomb-Scargle periodogram; p: its highest peak outside the aliases of the day, or its "
        "power at a period that is known",
    ),
)
_FOURIER = (
    Definition("f1_a", "mag", "a"),
    Definition("f1_b", "mag/d", "b"),
    Definition("f1_amp", "mag", "A_1", remark="a coefficient, whatever the name says"),
    Definition("f1_phi0", "mag", "B_1", remark="a coefficient, whatever the name says"),
    *(
        Definition(f"f1_{name}{n - 1}", "mag", f"{letter}_{n}", remark=f"0 where k < {n}")
        for n in range(2, 6)
        for name, letter in (("relamp", "A"), ("relphi", "B"))
    ),
    Definition("f1_power", "", "(chi2_0 - chi2_k) / chi2_0"),
    Definition("f1_BIC", "", "chi2_k + ln(N) (2 + 2k)"),
)
_SHAPE = (
    Definition(
        *("f1_odd", ""),
        "sum over odd n of (A_n^2 + B_n^2) / sum over all n",
        HERE,
        "0 without harmonics",
    ),
    Definition(
        *("hump_period", "d"),
        "H = P, or P/2",
        HERE,
        "P/2 if the even of four harmonics fitted at P are stronger than the odd and H is not "
        "below 1/features.period.max_frequency",
    ),
    Definition("hump_amp", "mag", "a_1", HERE),
    Definition(
        *("hump_gain", ""),
        "I(H, k <= K) - I(2H, k <= 2K), I = min over k of N ln(chi2_k) + ln(N) (2 + 2k)",
        HERE,
        "above 0 where two humps a cycle describe the points better; K = 5, fewer below 24 points",
    ),
    *(
        Definition(
            *(f"hump_{name}{k}1", ""),
            f"min(a_{k}/a_1, 1) {name}(phi_{k} - {k} phi_1)",
            SIMON_LEE,
            "0 if a_1 is 0",
        )
        for k in (2, 3, 4)
        for name in ("cos", "sin")
    ),
)
DEFINITIONS: dict[str, Definition] = {
    one.name: one for one in (*_STATISTICS, *_PERIOD, *_FOURIER, *_SHAPE)
}

# Fitted by least squares with weights w at P, of up to five harmonics: k is that of least f1_BIC.
FOURIER_MODEL = (
    "y(t) = a + b (t - t_1) + sum over n = 1..k of [A_n cos(2 pi n t/P) + B_n sin(2 pi n t/P)]"
)
# Fitted in the same way at H, always of five harmonics.
HUMP_MODEL = "y(t) = a + b (t - t_1) + sum over n = 1..5 of a_n cos(2 pi n (t - t_1)/H + phi_n)"
HISTOGRAM = (
    "counts of the pairs i < j by m_j - m_i (rows) and t_j - t_i (columns), over their L2 norm"
)
