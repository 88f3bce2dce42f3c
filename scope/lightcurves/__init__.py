"""Light curves: in memory, their readers, which of their points are used."""
