"""Section `tracking`: where trainings are recorded."""

from scope.base.settings import settings


@settings
class TrackingParams:
    """Where trainings are recorded: MLflow, and a mirror in Weights & Biases."""

    mlflow: bool
    wandb: bool
    wandb_project: str
    wandb_entity: str | None
