"""What both algorithms share: which rows train, how a training goes, calibration, cards."""
