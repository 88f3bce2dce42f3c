"""The plain way to train ScopeNet, which benchmarks/training.py compares with.

pandas.read_csv, json.loads for each dm-dt, tf.data.from_tensor_slices().shuffle().batch(64), a
functional Keras model of the layers of ScopeNet, model.fit and model.predict at its defaults.
Run as a script, it reads a table, trains for two epochs and prints its peak memory [MB].
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray
from peak_memory import peak_memory

BATCH_SIZE = 64
LEARNING_RATE = 3e-4
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Table:
    """Features (n, n_features), scaled to [0, 1]; dm-dt (n, 26, 26); truth (n,), all float32."""

    features: Floats
    dmdt: Floats
    truth: Floats

    def rows(self, rows: NDArray[np.int64]) -> "Table":
        """Return some of the rows."""
        return Table(self.features[rows], self.dmdt[rows], self.truth[rows])


def read(path: Path, names: list[str], label: str) -> Table:
    """Read a CSV table, missing values as 0, each feature between its smallest and largest."""
    frame = pd.read_csv(path)
    dmdt = np.array([json.loads(text) for text in frame["dmdt"]], dtype=np.float32)
    values = frame[names].replace([np.inf, -np.inf], np.nan)
    low, high = values.min(), values.max()
    scaled = (values.fillna(0.0) - low) / (high - low)
    truth = (frame[label] > 0.7).to_numpy(np.float32)
    return Table(scaled.clip(0, 1).fillna(0.0).to_numpy(np.float32), dmdt, truth)


def network(n_features: int) -> keras.Model:
    """Return a new ScopeNet, compiled with Adam and the area under the ROC curve."""
    layers = keras.layers
    features = keras.Input((n_features,), name="features")
    dmdt = keras.Input((26, 26, 1), name="dmdt")
    dense = layers.Dense(256, activation="relu")(features)
    dense = layers.Dense(32, activation="relu")(layers.Dropout(0.25)(dense))
    conv = layers.Rescaling(26.0)(dmdt)
    conv = layers.SeparableConv2D(16, 3, activation="relu")(conv)
    conv = layers.SeparableConv2D(16, 3, activation="relu")(conv)
    conv = layers.MaxPooling2D(2)(layers.Dropout(0.25)(conv))
    conv = layers.SeparableConv2D(32, 3, activation="relu")(conv)
    conv = layers.SeparableConv2D(32, 3, activation="relu")(conv)
    conv = layers.GlobalAveragePooling2D()(layers.Dropout(0.25)(conv))
    head = layers.Dropout(0.4)(layers.Concatenate()([dense, conv]))
    head = layers.Dense(16, activation="relu")(head)
    out = layers.Dense(1, activation="sigmoid")(head)
    model = keras.Model([features, dmdt], out)
    model.compile(
        keras.optimizers.Adam(LEARNING_RATE), "binary_crossentropy", metrics=[keras.metrics.AUC()]
    )
    return model


def fit(
    model: keras.Model,
    train: Table,
    val: Table,
    epochs: int,
    watch: Callable[[], None] = lambda: None,
    rules: Sequence[keras.callbacks.Callback] = (),
) -> None:
    """Train; `watch` is called after each epoch, `rules` may stop it or change the rate."""
    shuffled = _pairs(train).shuffle(len(train.truth)).batch(BATCH_SIZE)
    told = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: watch())
    held_out = _pairs(val).batch(BATCH_SIZE)
    model.fit(
        shuffled, epochs=epochs, validation_data=held_out, verbose=0, callbacks=[told, *rules]
    )


def predict(model: keras.Model, table: Table) -> NDArray[np.float32]:
    """Return the scores, shape (n,)."""
    scores: NDArray[np.float32] = model.predict((table.features, table.dmdt[..., None]), verbose=0)
    return scores[:, 0]


def _pairs(table: Table) -> Any:
    inputs = {"features": table.features, "dmdt": table.dmdt[..., None]}
    return tf.data.Dataset.from_tensor_slices((inputs, table.truth))


def main() -> None:
    """Read a table, train for two epochs, print the peak memory of this process [MB]."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("rows", type=Path, help="JSON: names, label, train, val")
    arguments = parser.parse_args()
    plan = json.loads(arguments.rows.read_text())
    table = read(arguments.table, plan["names"], plan["label"])
    train, val = (table.rows(np.array(plan[part])) for part in ("train", "val"))
    fit(network(len(plan["names"])), train, val, epochs=2)
    print(peak_memory())


if __name__ == "__main__":
    main()
