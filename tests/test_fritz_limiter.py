import itertools

import pytest

from scope.fritz.limiter import RateLimiter


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def moments(limiter, clock, n_calls):
    left = []
    for _ in range(n_calls):
        limiter.wait()
        left.append(clock.now - 100.0)
    return left


def test_a_burst_leaves_at_once_and_the_rest_at_the_rate():
    clock = Clock()
    limiter = RateLimiter(4.0, 3, clock=clock, sleep=clock.sleep)
    assert moments(limiter, clock, 6) == pytest.approx([0.0, 0.0, 0.0, 0.25, 0.5, 0.75])


def test_a_rest_earns_no_more_than_a_burst():
    clock = Clock()
    limiter = RateLimiter(4.0, 3, clock=clock, sleep=clock.sleep)
    moments(limiter, clock, 6)
    clock.now = 1100.0
    assert moments(limiter, clock, 5) == pytest.approx([1000, 1000, 1000, 1000.25, 1000.5])


def test_after_a_refusal_there_is_no_burst():
    clock = Clock()
    limiter = RateLimiter(4.0, 3, clock=clock, sleep=clock.sleep)
    limiter.back_off()
    assert moments(limiter, clock, 2) == pytest.approx([0.375, 0.75])


def test_calls_refused_together_slow_the_pace_down_once_and_it_recovers():
    clock = Clock()
    limiter = RateLimiter(4.0, 1, clock=clock, sleep=clock.sleep)
    for _ in range(8):
        limiter.back_off()
    left = moments(limiter, clock, 100)
    gaps = [later - earlier for earlier, later in itertools.pairwise(left)]
    assert gaps[0] == pytest.approx(0.375)
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == pytest.approx(0.25)


def test_a_server_that_takes_fewer_calls_than_it_is_said_to_gets_fewer():
    clock = Clock()
    limiter = RateLimiter(4.8, 10, clock=clock, sleep=clock.sleep)
    level, last, refused, taken = -1.0, 100.0, 0, 0
    while taken < 300:
        limiter.wait()
        now_level = max(level - 1.0 * (clock.now - last), -1.0) + 1.0
        if now_level > 5.0:
            refused += 1
            limiter.back_off()
        else:
            level, last, taken = now_level, clock.now, taken + 1
    assert refused < 0.1 * taken
    assert clock.now - 100.0 < 1.25 * taken


def test_fritz_own_limit_lets_all_pass_at_the_default_pace():
    """The bucket of nginx in front of Fritz: 5 a second, 10 at once."""
    from scope.fritz.transport import BURST, RATE

    clock = Clock()
    limiter = RateLimiter(RATE, BURST, clock=clock, sleep=clock.sleep)
    level, last = -1.0, 0.0
    for moment in moments(limiter, clock, 500):
        level = max(level - 5.0 * (moment - last), -1.0) + 1.0
        last = moment
        assert level <= 10.0


def test_a_rate_of_nothing_is_refused():
    with pytest.raises(ValueError, match="must be positive"):
        RateLimiter(0.0, 1)
