"""Records of trainings in MLflow: what was trained, how good it is, and the models themselves.

The stage `track` puts an entry a class on a queue on disk (`queue`, `entry`) and sends what is on
it (`send`, `registry`). Only `store`, `send` and `registry` import mlflow, when something is sent.
"""
