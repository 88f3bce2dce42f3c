"""Every exception of the project: each message says the rule, the value found and the remedy."""


class ScopeError(Exception):
    """Base of all errors that are the user's or the data's, not the program's."""


class ConfigError(ScopeError):
    """A parameter is unknown, missing, of the wrong type or out of its range."""


class DataError(ScopeError):
    """A data file is missing, unreadable or breaks the data contract."""


class ModelError(ScopeError):
    """A model cannot be trained, read or applied to what it was given."""
