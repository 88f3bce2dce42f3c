"""From light curves to features, dm-dt histograms and periods."""
