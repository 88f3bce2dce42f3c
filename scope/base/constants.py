"""Constants of several rooms, each with its one home."""

ALGORITHMS = ("dnn", "xgb")  # as score columns and model folders are called: ScopeNet, XGBoost

DMDT = "dmdt"  # the column of dm-dt histograms
SIDE = 26  # cells of a dm-dt histogram along magnitude and along time
CELLS = SIDE * SIDE

TRAIN, VAL, TEST = 0, 1, 2  # the parts that a data set is split into

MJD_OF_JD = 2_400_000.5  # [d]; the Modified Julian Date is the Julian date less this (IAU 1997, B1)

ARCSEC_IN_RADIANS = 4.84813681109536e-06  # pi / 180 / 3600

NO_FILE = "conf/no-file"  # stands in dvc.yaml for a file that a data set does not have
