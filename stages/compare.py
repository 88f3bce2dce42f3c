"""Stage compare: metrics and plots of all classes together."""

from pathlib import Path

from scope.base.files import write_json
from scope.base.params import read_section
from scope.base.stage import run
from scope.evaluation.comparison import joined_tables, mean_metrics
from scope.evaluation.documents import read_judged
from scope.evaluation.judging import write_csv


def main(judged: str, out_dir: str, evaluated: str) -> None:
    """Write metrics.json and a table a plot to `out_dir`, of what evaluate left in `judged`.

    The digests of the models that were evaluated go to `evaluated`: the catalogue is scored anew
    when another model was, and not when the same one was judged in another way.
    """
    documents = read_judged(Path(judged), read_section("classes", list[str]))
    for name, rows in joined_tables(documents).items():
        write_csv(rows, Path(out_dir) / f"{name}.csv")
    write_json(mean_metrics(documents), Path(out_dir) / "metrics.json")
    write_json({one["tag"]: one["digests"] for one in documents}, Path(evaluated))


if __name__ == "__main__":
    run(main)
