"""What both algorithms share: the rows that teach, the course of a training, calibration, cards."""
