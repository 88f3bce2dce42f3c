"""Tables on disk, a module a format; the column of dm-dt histograms; rules for rows."""
