"""Whether the kernels learn what Keras learns, from the same rows by the same rules.

    python benchmarks/training_parity.py

Both sides get the same scaled rows, batch size, learning rate, stopping rule and halving of the
rate, as `training` in params.yaml says, each row once an epoch; Keras trains the functional model
of benchmarks/plain_training.py. Weights at the start, dropout and order are drawn by each side for
itself, so single runs differ as two random states do. A line a class: the area under the ROC curve
of the test rows, mean and standard deviation over the states, and the mean of the paired difference
with its standard error.
"""

from dataclasses import replace

import numpy as np
import plain_training as plain
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from training_data import Case, case_of, parser_of, prepare

from scope.models.networks import training as nn
from scope.models.shared.examples import Part, take


def table(part: Part) -> plain.Table:
    """Return rows as the plain way takes them."""
    return plain.Table(part.features, part.dmdt, part.truth.astype(np.float32))


def with_kernels(case: Case, test: Part, state: int) -> tuple[float, int]:
    """Return the area of the test rows, and after how many epochs training stopped."""
    network, history = nn.fit(case.training_set, replace(case.training, epoch_rows=1), state)
    scores = nn.predict(network, test.features, test.dmdt, 0)
    return float(roc_auc_score(test.truth > 0, scores)), len(history)


def with_keras(case: Case, test: Part, state: int) -> tuple[float, int]:
    """Return the same of the plain model, stopped by the same rule."""
    training, keras = case.training, plain.keras
    keras.utils.set_random_seed(state)
    model = plain.network(len(case.training_set.feature_names))
    model.optimizer.learning_rate = training.learning_rate
    ends: list[int] = []
    rules = [
        keras.callbacks.EarlyStopping(patience=training.patience, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(
            factor=0.5, patience=training.lr_patience, min_delta=0.0, min_lr=0.0
        ),
    ]
    train, val = table(case.training_set.train), table(case.training_set.val)
    plain.fit(model, train, val, training.epochs, lambda: ends.append(1), rules)
    return float(roc_auc_score(test.truth > 0, plain.predict(model, table(test)))), len(ends)


def show(tag: str, kernels: NDArray[np.float64], keras: NDArray[np.float64]) -> None:
    """Print a line; both arrays have a row a state: area and epochs."""
    (ours, our_epochs), (theirs, their_epochs) = kernels.T, keras.T
    gain = ours - theirs
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    print(
        f"| {tag} | {ours.mean():.4f} +- {ours.std(ddof=1):.4f} "
        f"| {theirs.mean():.4f} +- {theirs.std(ddof=1):.4f} | {gain.mean():+.4f} +- {error:.4f} "
        f"| {our_epochs.mean():.0f}, {their_epochs.mean():.0f} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--states", type=int, default=5)
    parser.add_argument("--tags", default="i,rrlyr,ea,ceph,e")
    arguments = parser.parse_args()
    data = prepare(arguments.folder, arguments.rows, arguments.features)
    print("| class | kernels | Keras | difference | epochs |\n|---|---|---|---|---|")
    for tag in arguments.tags.split(","):
        pairs = []
        for state in range(1, arguments.states + 1):
            case = case_of(data, tag, state)
            test = take(data.open(), case.examples, case.examples.test)
            pairs.append([way(case, test, state) for way in (with_kernels, with_keras)])
        kernels, keras = np.moveaxis(np.array(pairs), 1, 0)
        show(tag, kernels, keras)


if __name__ == "__main__":
    main()
