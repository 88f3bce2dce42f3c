"""Data set parameters for tests."""

from scope.config.dataset import DatasetParams, SourceFiles


def dataset(**changes: object) -> DatasetParams:
    values: dict[str, object] = {
        "name": "test",
        "training": SourceFiles(),
        "catalogue": None,
        "columns": {},
        "derived": {},
        "label_column": None,
        "label_map": {},
        "period": "search",
        "classes": ["ea"],
        "feature_sets": {"phenomenological": ["skew", "kurt"]},
    }
    return DatasetParams(**(values | changes))  # type: ignore[arg-type]
