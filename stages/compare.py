"""Stage compare: metrics and plots of all classes together."""

from pathlib import Path

from scope.comparison import joined_tables, mean_metrics
from scope.evaluation import write_csv
from scope.files import write_json
from scope.judged import read_judged
from scope.params import read_section
from scope.stage import run


def main(judged: str, out_dir: str) -> None:
    """Write metrics.json and a table a plot to `out_dir`, of what evaluate left in `judged`."""
    documents = read_judged(Path(judged), read_section("classes", list[str]))
    for name, rows in joined_tables(documents).items():
        write_csv(rows, Path(out_dir) / f"{name}.csv")
    write_json(mean_metrics(documents), Path(out_dir) / "metrics.json")


if __name__ == "__main__":
    run(main)
