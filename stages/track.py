"""Stage track: record every class in MLflow and register its models."""

from pathlib import Path

from scope.base.files import write_json
from scope.base.params import read_section
from scope.base.stage import run
from scope.config.tracking import TrackingParams
from scope.evaluation.documents import read_judged
from scope.tracking.collect import collect, this_run
from scope.tracking.mirror import mirror
from scope.tracking.queue import QUEUE, discard
from scope.tracking.send import sync
from scope.tracking.workspace import main_tree


def main(judged: str, models: str, scaling: str, catalogue: str, out: str) -> None:
    """Put the classes on the queue, send it; write which they are to `out`.

    Whether the store is there changes nothing in `out`, and never stops the stage.
    """
    params = read_section("tracking", TrackingParams)
    if not (params.mlflow or params.wandb):
        write_json({}, Path(out))
        return
    documents = read_judged(Path(judged), read_section("classes", list[str]))
    tree = main_tree()
    queue = tree / QUEUE
    this = this_run(Path(models), Path(scaling))
    identities = collect(documents, this, Path(catalogue), Path("reports"), queue)
    if params.wandb:
        mirror([queue / one for one in identities.values()], params, tree)
    if params.mlflow:
        sync(queue, tree)
    else:
        discard(queue, identities.values())
    write_json(identities, Path(out))


if __name__ == "__main__":
    run(main)
