"""A small table in the form of SCoPe's data set d15, and a folder to train in."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).parent.parent
PATH = "data/training/dataset.d15.csv"


def feature_sets() -> dict[str, list[str]]:
    params = yaml.load((ROOT / "params.yaml").read_text(), Loader=yaml.CSafeLoader)
    sets: dict[str, list[str]] = params["dataset"]["feature_sets"]
    return sets


def d15_table(n_rows: int = 200, share: float = 0.3) -> pd.DataFrame:
    """Rows of which the first `share` are variable RR Lyrae, told by `skew` and by dm-dt."""
    chance = np.random.default_rng(3)
    positive = np.arange(n_rows) < share * n_rows
    names = list(dict.fromkeys(name for names in feature_sets().values() for name in names))
    frame = pd.DataFrame(chance.normal(size=(n_rows, len(names))), columns=names)
    frame["skew"] += 4.0 * positive
    frame["ra"], frame["dec"] = np.arange(n_rows) * 1.5, 20.0
    frame.insert(0, "_id", np.arange(n_rows) + 10_000_000_000)
    dmdt = chance.uniform(size=(n_rows, 26, 26))
    dmdt[positive, :13] += 1.0
    dmdt /= np.sqrt((dmdt**2).sum(axis=(1, 2), keepdims=True))
    labels = {"variable": positive, "RR Lyrae": positive, "non-variable": ~positive}
    frame = frame.assign(**{name: one.astype(float) for name, one in labels.items()})
    return frame.assign(dmdt=[json.dumps(one.round(6).tolist()) for one in dmdt])


def project(folder: Path) -> Path:
    """Return `folder` with params.yaml and the table in it."""
    shutil.copy(ROOT / "params.yaml", folder)
    (folder / PATH).parent.mkdir(parents=True)
    d15_table().to_csv(folder / PATH, index=False)
    return folder
