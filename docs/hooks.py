"""Pages of the documentation that are made from the code and the sample, when it is built."""

import dataclasses
import io
import json
import re
import tempfile
import typing
from pathlib import Path

import numpy as np
import yaml
from mkdocs.structure.files import File

from scope.base.params import read_params, read_section
from scope.base.stage import quiet_environment
from scope.config.checks import SECTIONS as CHECKED
from scope.config.features import FeatureParams
from scope.config.training import BoostingParams

ROOT = Path(__file__).parent.parent
SECTIONS = {
    name.replace("training.classes", "training.classes.TAG"): kind
    for name, kind in (CHECKED | {"training.xgb": BoostingParams}).items()
    if name not in {"classes", "feature_stats", "fritz_labels", "seed"}
} | {"training.classes.TAG": CHECKED["training.classes"].__args__[1]}
MODULES = (
    *("nn", "utils", "models.dataset", "lightcurves.curves", "lightcurves.long_form"),
    *("features.extract", "features.curve", "features.periods", "features.dmdt"),
    *("tables.reading", "tables.parquet", "tables.histograms", "data.sky", "data.same_source"),
    *("data.splits", "data.scaling", "evaluation.metrics", "evaluation.curves"),
    *("models.shared.calibration", "models.shared.training", "models.networks.training"),
    *("models.trees.boosting", "models.trees.explain", "models.prediction"),
    *("disagreements.rule", "disagreements.candidates", "tracking.ensemble"),
    *("tracking.registry", "fritz.client", "fritz.kowalski", "base.errors"),
)
N_SOURCES = 700  # of the sample that the field guide looks at; every class is among them
FILTERS = {1: ("g", "#2a9d6f"), 2: ("r", "#c2453d"), 3: ("i", "#8a6fc9")}


def on_files(files, config):
    """Add the pages that are made: configuration, API, field guide and its pictures."""
    quiet_environment()
    made = {"configuration.md": configuration(), "api.md": api()}
    guide, pictures = field_guide()
    made["field-guide.md"] = guide
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    for name, content in pictures.items():
        files.append(File.generated(config, name, content=content))
    return files


def configuration() -> str:
    """Return the page of all parameters: type, default, what its docstring says."""
    defaults = read_params(ROOT / "params.yaml")
    lines = [
        "# Configuration",
        "",
        "The parameters of `conf/`, as composed into `params.yaml`; the values are those of the "
        "embedded sample. Each is set for one experiment by `-S name=value`, for good in `conf/`. "
        "An unknown name or a value of the wrong kind stops the first stage.",
        "",
    ]
    for section, kind in SECTIONS.items():
        value = _at(defaults, section)
        lines += [f"## {section}", ""]
        text = re.split(r"\n\s*(?:Attributes|Parameters)\n", kind.__doc__ or "")[0]
        lines += [" ".join(text.split()).replace("<", "&lt;"), ""]
        lines += ["| name | kind | value | what it is |", "|---|---|---|---|"]
        meanings = {**_remarks(section), **_meanings(kind.__doc__ or "")}
        hints = typing.get_type_hints(kind)
        for field in dataclasses.fields(kind):
            shown = _kind(hints[field.name])
            default = _short(value[field.name]) if field.name in value else "\u2013"
            what = meanings.get(field.name, "")
            lines.append(f"| `{field.name}` | {shown} | {default} | {what} |")
        lines.append("")
    return "\n".join(lines)


def api() -> str:
    """Return the page of the modules that others may call, from their docstrings."""
    lines = ["# API", "", "The modules that are meant to be called from elsewhere.", ""]
    return "\n".join([*lines, *(f"::: scope.{name}\n" for name in MODULES)])


def field_guide() -> tuple[str, dict[str, bytes]]:
    """Return the page of the classes and its pictures, by name."""
    from scope.features.extract import extract
    from scope.lightcurves.long_form import read_lightcurves
    from scope.sample import SampleParams, generate
    from scope.tables.reading import read_table

    classes = yaml.safe_load((ROOT / "conf/reference/classes.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "sample"
        generate(SampleParams(n_training=N_SOURCES, n_catalogue=1, seed=42), folder)
        objects = read_table(folder / "training/objects.parquet")
        chosen = {tag: _example(objects, one["label"]) for tag, one in classes.items()}
        ids = np.unique([one for rows in chosen.values() for one in rows])
        read = read_lightcurves(folder / "training/lightcurves.parquet", ids, {})
    found = extract(read.curves, _feature_params(), workers=1)
    row = {int(ids[curve]): place for place, curve in enumerate(found.table["curve"])}
    filters = dict(zip(objects["id"], objects["filter"], strict=True))
    lines = [
        "# Field guide",
        "",
        "A star of each class from the embedded, simulated sample, as the pipeline sees it: its "
        "light curves in g and r, folded at the period that was found, and the dm-dt histogram of "
        "the first, with the change of brightness upwards and the time lag to the right.",
        "",
    ]
    pictures = {}
    for tag, one in classes.items():
        lines += [f"## {one['label']} {{ #{tag} }}", ""]
        lines += [f"Class `{tag}`, features: {one['features']}; positive above {one['threshold']}."]
        rows = [light_curve for light_curve in chosen[tag] if light_curve in row]
        if not rows:
            lines += ["", "The sample has none.", ""]
            continue
        period = float(found.table["period"].iloc[row[rows[0]]])
        curves = [(filters[one], read.curves[int(np.searchsorted(ids, one))]) for one in rows]
        name = f"pictures/{tag}.png"
        pictures[name] = _picture(curves, period, found.dmdt[row[rows[0]]])
        lines += ["", f"![Light curve and dm-dt of {one['label']}]({name})", ""]
    return "\n".join(lines), pictures


def _example(objects, label: str) -> list[int]:
    """Return the light curves of a bright source that is sure to have the label."""
    sure = objects[objects[label] == 1.0]
    if not len(sure):
        return []
    source = sure.sort_values("Gaia_EDR3__phot_g_mean_mag")["obj_id"].iloc[0]
    return [int(one) for one in objects.loc[objects["obj_id"] == source, "id"]]


def _feature_params() -> FeatureParams:
    return read_section("features", FeatureParams, ROOT / "params.yaml")


def _picture(curves, period: float, histogram) -> bytes:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 2.6))
    left, right = figure.subplots(1, 2, width_ratios=[2.6, 1])
    figure.subplots_adjust(0.07, 0.18, 0.99, 0.97, wspace=0.15)
    epoch = curves[0][1].time.min()
    for code, curve in curves:
        name, colour = FILTERS[int(code)]
        phase = np.mod((curve.time - epoch) / period, 1.0)
        both = np.concatenate([phase, phase + 1.0])
        left.plot(both, np.tile(curve.mag, 2), ".", markersize=3, color=colour, label=name)
    left.invert_yaxis()
    left.set(xlabel=f"phase, period {period:.6g} d", ylabel="mag")
    left.legend(frameon=False, loc="upper right")
    right.imshow(np.sqrt(histogram.reshape(26, 26)), origin="lower", aspect="auto")
    right.set(xticks=[], yticks=[], xlabel="time lag")
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=80, metadata={"Software": None})
    return out.getvalue()


def _at(values, section: str):
    for key in section.split("."):
        values = next(iter(values.values())) if key == "TAG" else values[key]
    return values


def _kind(hint) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return " or ".join(f"`{one}`" for one in typing.get_args(hint))
    text = hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
    return re.sub(r"[\w.]+\.(\w+)", r"\1", text).replace("|", "or").replace("<", "&lt;")


def _short(value) -> str:
    if isinstance(value, dict) and len(json.dumps(value)) > 60:
        return f"{len(value)} entries"
    text = json.dumps(value) if not isinstance(value, str) else value
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`".replace("|", "\\|")


def _remarks(section: str) -> dict[str, str]:
    """Return the remark behind each key of a section in conf/."""
    first, _, inner = section.partition(".")
    files = {"training": "training/default.yaml", "dataset": "dataset/sample.yaml"}
    text = (ROOT / "conf" / files.get(first, "config.yaml")).read_text(encoding="utf-8")
    found, at = {}, ""
    for line in text.splitlines():
        named = re.match(r"( *)(\w+):[^#]*(?:# (.+))?$", line)
        if named:
            depth, key, remark = len(named[1]), named[2], named[3]
            at = key if depth == 0 else at
            if remark and (at == first or (first == "training" and not inner)):
                found.setdefault(key, remark.replace("|", "\\|"))
    return found


def _meanings(docstring: str) -> dict[str, str]:
    """Return what a docstring says of each attribute."""
    found: dict[str, str] = {}
    for line in docstring.splitlines():
        named = re.match(r"\s*([\w, ]+) : (.+)", line)
        if named:
            names = [one.strip() for one in named[1].split(",")]
            found |= dict.fromkeys(names, named[2].replace("|", "\\|"))
        elif found and line.startswith("        "):
            found[names[-1]] += " " + line.strip().replace("|", "\\|")
    return found
