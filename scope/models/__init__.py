"""The classifiers: networks, trees, what both share, the scores of a catalogue by all of them."""
