"""The classifiers: networks, trees, what both share, and the scores of a catalogue by all of them."""
