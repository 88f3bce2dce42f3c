"""From the files that people have to the data contract, to splits and to scaled features."""
