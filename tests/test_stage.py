import logging

import pytest

from scope.base.stage import log_level


def test_a_level_of_the_log_ends_with_its_context():
    logger = logging.getLogger("scope.sources")
    before = logger.level
    with pytest.raises(KeyError), log_level("scope.sources", logging.CRITICAL):
        assert logger.level == logging.CRITICAL
        raise KeyError
    assert logger.level == before
