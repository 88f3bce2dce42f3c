"""A local stand-in for Fritz and Kowalski, which behaves as they were seen to behave."""
