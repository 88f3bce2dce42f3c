"""From the files that people have to the data contract: columns, downloads, checks, splits, scaling."""
