"""Section `training.older`: the defaults of `scope train` that the pipeline has otherwise."""

from typing import Literal

from scope.base.settings import Count, Inside, NotNegative, Positive, Share, Whole, settings

ScaleMethod = Literal["min_max", "median_std", "none"]


@settings
class OlderParams:
    """What the older command line takes where neither a flag nor the class says otherwise.

    Attributes
    ----------
    path_dataset : table of features, labels and dm-dt (CSV, Parquet or HDF5)
    scale_features : how features are scaled
    random_state : seed of the splits, the weights and the order of the rows
    test_size, val_size : shares of the sources kept for the test and for early stopping
    learning_rate : at the start
    epoch_rows : an epoch has at least so many rows; 1 = each row once
    label_smoothing : how far the truth is moved towards 1/2 in the loss, of 1/2
    optimizer, loss : names of Keras
    beta_1, beta_2, epsilon, amsgrad : of Adam and its kin
    momentum : of sgd and rmsprop
    monitor : what the best weights, early stopping and the learning rate go by
    callbacks : some of reduce_lr_on_plateau, early_stopping
    run_eagerly : whether Keras runs step by step, to look for errors
    score_threshold : a light curve with a higher score is called positive
    """

    path_dataset: str
    scale_features: ScaleMethod
    random_state: Whole
    test_size: Inside
    val_size: Inside
    learning_rate: Positive
    epoch_rows: Count
    label_smoothing: Share
    optimizer: str
    loss: str
    beta_1: Inside
    beta_2: Inside
    epsilon: Positive
    amsgrad: bool
    momentum: NotNegative
    monitor: str
    callbacks: list[str]
    run_eagerly: bool
    score_threshold: Inside
