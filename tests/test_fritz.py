"""The client of Fritz against the sandbox, which behaves as the real one."""

import logging

import pytest

pytest.importorskip("fastapi", reason="the sandbox is an extra")
from scope.base.errors import ConfigError, DataError
from scope.fritz import Classification, FritzClient, RetryPolicy
from scope.fritz.errors import (
    FritzAuthenticationError,
    FritzError,
    FritzInvalidError,
    FritzNetworkError,
    FritzNotFoundError,
    FritzPermissionError,
    FritzRateLimitError,
    FritzServerError,
)

STAR = "ZTFJ123456.78+123456.7"
GROUPS = [3]
LOST = [
    "drop_before",
    "drop_after",
    "truncate",
    "error_before",
    "error_after",
    "rate_limit",
    "down",
]


@pytest.fixture
def fritz(server):
    with server.client() as client:
        yield client


@pytest.fixture
def star(fritz):
    fritz.create_source(STAR, 188.73658, 12.58242, GROUPS, origin="SCoPe")
    return STAR


def rrab(probability=0.93, name="RRab", origin="scope-d15"):
    return Classification(STAR, name, 1, probability, origin=origin, group_ids=(3,))


def test_the_groups_are_those_of_the_user(fritz):
    assert fritz.group_names() == {2: "Sitewide Group", 3: "scope-a", 5: "scope-user"}


def test_groups_taxonomies_and_instruments_are_asked_for_once(fritz):
    for _ in range(3):
        fritz.groups()
        fritz.taxonomies()
        fritz.instrument_id("ZTF")
    assert fritz.n_calls == 3


def test_a_group_that_is_not_joined_is_named_with_those_that_are(fritz):
    with pytest.raises(ConfigError, match=r"group 4, 77 is not yours .*3 \(scope-a\)"):
        fritz.check_groups([3, 4, 77])
    with pytest.raises(ConfigError, match="name the groups"):
        fritz.check_groups([])


def test_the_radius_is_in_arcsec_and_the_nearest_comes_first(fritz):
    for name, north in (("near", 0.5), ("far", 1.9), ("beyond", 2.1)):
        fritz.create_source(name, 40.0, 10.0 + north / 3600.0, GROUPS)
    found = fritz.cone_search(40.0, 10.0, 2.0)
    assert [one.obj_id for one in found] == ["near", "far"]
    assert [one.distance_arcsec for one in found] == pytest.approx([0.5, 1.9], abs=1e-6)


def test_a_search_tells_all_that_is_said_of_a_source(fritz, star):
    fritz.annotate(star, "scope-d15", {"period_days": 0.5}, GROUPS)
    fritz.classify([rrab()])
    (found,) = fritz.cone_search(188.73658, 12.58242, 2.0)
    assert found.group_ids == {3}
    assert [(one.origin, dict(one.data)) for one in found.annotations] == [
        ("scope-d15", {"period_days": 0.5})
    ]
    assert [one.key for one in found.classifications] == [rrab().key]


def test_a_source_of_others_is_not_found_but_exists(server, fritz):
    with server.client(server.admin_token) as admin:
        admin.create_source("theirs", 40.0, 10.0, [4])
    assert fritz.cone_search(40.0, 10.0, 2.0) == []
    assert fritz.exists("theirs")
    assert not fritz.exists("nobodys")


def test_all_pages_are_read_and_none_after_the_last(fritz, monkeypatch):
    monkeypatch.setattr("scope.fritz.paging.PAGE_SIZE", 2)
    for number in range(4):
        fritz.create_source(f"s{number}", 10.0 * number, 5.0, GROUPS)
    before = fritz.n_calls
    listing = fritz.sources(GROUPS)
    assert (listing.total, listing.n_pages) == (4, 2)
    assert {one.obj_id for one in listing.sources()} == {"s0", "s1", "s2", "s3"}
    assert fritz.n_calls - before == 2
    assert not listing.has_changed


def test_a_source_that_slips_to_the_next_page_is_given_once(fritz, monkeypatch):
    monkeypatch.setattr("scope.fritz.paging.PAGE_SIZE", 2)
    for number in range(4):
        fritz.create_source(f"s{number}", 10.0 * number, 5.0, GROUPS)
    listing = fritz.sources(GROUPS)
    names = listing.items()
    first = [next(names)["id"], next(names)["id"]]
    fritz.create_source("late", 90.0, 5.0, GROUPS)
    rest = [one["id"] for one in names]
    assert len(first + rest) == len(set(first + rest)) == 4
    assert listing.has_changed


def test_saving_again_leaves_the_place_alone(fritz, star):
    fritz.save_to_groups(star, GROUPS)
    assert [one.obj_id for one in fritz.cone_search(188.73658, 12.58242, 2.0)] == [star]
    with pytest.raises(FritzNotFoundError, match="no source nobodys"):
        fritz.save_to_groups("nobodys", GROUPS)


@pytest.mark.parametrize("place", [(400.0, 10.0), (float("nan"), 1.0), (10.0, 91.0), (-1.0, 0.0)])
def test_a_place_that_the_server_would_take_is_refused(server, fritz, place):
    with pytest.raises(DataError, match="no place on the sky"):
        fritz.create_source("x", *place, GROUPS)
    with pytest.raises(DataError, match="no place on the sky"):
        fritz.cone_search(*place, 2.0)
    assert server.calls() == []


def test_nothing_is_sent_without_groups_since_everyone_would_see_it(server, fritz, star):
    before = len(server.calls("POST"))
    for send in (
        lambda: fritz.create_source("x", 1.0, 1.0, []),
        lambda: fritz.comment(star, "text", []),
        lambda: fritz.annotate(star, "o", {}, [], known=[]),
        lambda: fritz.classify([Classification(star, "RRab", 1)], known=[]),
        lambda: fritz.put_photometry({"mjd": [1.0]}, 1, []),
    ):
        with pytest.raises(ConfigError, match="group_ids"):
            send()
    assert len(server.calls("POST")) == before


def test_photometry_goes_in_calls_that_the_database_takes(server, fritz, star):
    points = {
        "obj_id": star,
        "mjd": [58000.0 + number for number in range(12_000)],
        **{"mag": 18.0, "magerr": 0.02, "limiting_mag": 20.5, "filter": "ztfr", "origin": "o"},
    }
    ids = fritz.put_photometry(points, 1, GROUPS)
    assert len(set(ids)) == 12_000
    assert len(server.calls("PUT", "/api/photometry")) == 3
    with server.client(server.admin_token) as admin:  # four groups and its own: 3276 a call
        assert admin.put_photometry(points, 1, [1, 2, 3, 4]) == ids
    assert len(server.calls("PUT", "/api/photometry")) == 7
    assert server.count("photometry") == 12_000


def test_photometry_comes_back_as_it_was_sent(fritz, star):
    mags = [18.123, 15.5, None]
    points = {
        "obj_id": star,
        "mjd": [1.5, 2.5, 3.5],
        **{"mag": mags, "magerr": [0.02, 0.1, None], "limiting_mag": 20.5, "filter": "ztfg"},
    }
    fritz.put_photometry(points, 1, GROUPS)
    found = {one["mjd"]: one for one in fritz.photometry(star)}
    assert [found[mjd]["mag"] for mjd in (1.5, 2.5)] == pytest.approx(mags[:2], abs=1e-9)
    assert [found[mjd]["magerr"] for mjd in (1.5, 2.5)] == pytest.approx([0.02, 0.1], abs=1e-9)
    assert found[3.5]["mag"] is None


def test_nan_never_leaves_since_the_server_would_make_a_limit_of_it(server, fritz, star):
    points = {"obj_id": star, "mjd": [1.0], "mag": [float("nan")], "magerr": [0.1]}
    with pytest.raises(DataError, match="NaN"):
        fritz.put_photometry(points, 1, GROUPS)
    with pytest.raises(DataError, match="NaN"):
        fritz.annotate(star, "o", {"period": float("nan")}, GROUPS, known=[])
    assert server.count("photometry") == server.count("annotations") == 0


def test_an_annotation_is_created_updated_and_left(server, fritz, star):
    outcomes = [
        fritz.annotate(star, "scope-d15", data, GROUPS).outcome
        for data in ({"a": 1, "b": 2}, {"a": 2}, {"a": 2})
    ]
    assert outcomes == ["created", "updated", "there"]
    assert [one["data"] for one in server.rows("annotations")] == ['{"a": 2}']


def test_an_annotation_that_somebody_else_owns_is_said_to_be_theirs(server, fritz, star):
    with server.client(server.admin_token) as admin:
        admin.annotate(star, "taken", {"a": 1}, [4])
    with pytest.raises(FritzPermissionError, match="origin 'taken' is there that you"):
        fritz.annotate(star, "taken", {"a": 2}, GROUPS)


def test_an_annotation_is_deleted_once(server, fritz, star):
    written = fritz.annotate(star, "o", {"a": 1}, GROUPS)
    server.fault("drop_after", "DELETE")
    fritz.delete_annotation(star, written.server_id)
    assert server.count("annotations") == 0
    with pytest.raises(FritzPermissionError):
        fritz.delete_annotation(star, written.server_id)


def test_a_classification_that_is_there_is_not_posted_again(server, fritz, star):
    outcomes = [fritz.classify([rrab(), rrab(name="RRc"), rrab()]) for _ in range(2)]
    assert [[one.outcome for one in each] for each in outcomes] == [["created"] * 3, ["there"] * 3]
    assert outcomes[0][0].server_id == outcomes[0][2].server_id == outcomes[1][0].server_id
    assert server.count("classifications") == 2


def test_several_classifications_go_in_one_call_without_votes(server, fritz, star):
    fritz.classify([rrab(name=name) for name in ("RRab", "RRc", "Mira")], known=[])
    assert server.calls(path="classification") == [("POST", "/api/classification")]
    assert server.count("classifications", vote=0, label=0, ml=1) == 3


def test_a_new_probability_corrects_the_old_one(server, fritz, star):
    fritz.classify([rrab(0.93)])
    assert fritz.classify([rrab(0.4)])[0].outcome == "updated"
    (row,) = server.rows("classifications")
    assert (row["probability"], row["ml"]) == (0.4, 1)


def test_the_same_class_of_another_origin_is_another_statement(server, fritz, star):
    fritz.classify([rrab(), rrab(origin="scope-d16")])
    assert server.count("classifications") == 2


def test_a_class_that_the_taxonomy_has_not_is_refused_and_what_came_before_is_kept(
    server, fritz, star
):
    items = [rrab(), rrab(name="nonsense"), rrab(name="RRc")]
    with pytest.raises(FritzInvalidError, match=r"\(nonsense\) is not in the allowed") as refusal:
        fritz.classify(items)
    assert refusal.value.outcome_unknown
    assert server.count("classifications") == 1


@pytest.mark.parametrize("kind", LOST)
def test_whatever_becomes_of_the_answer_a_classification_is_there_once(server, fritz, star, kind):
    server.fault(kind, "POST", "/api/classification")
    (written,) = fritz.classify([rrab()], known=[])
    assert [row["id"] for row in server.rows("classifications")] == [written.server_id]
    assert server.sandbox.traffic.faults() == {kind: 1}


@pytest.mark.parametrize("kind", LOST)
def test_whatever_becomes_of_the_answer_an_annotation_is_there_once(server, fritz, star, kind):
    server.fault(kind, "POST", "/annotations")
    written = fritz.annotate(star, "scope-d15", {"a": 1}, GROUPS, known=[])
    assert [row["id"] for row in server.rows("annotations")] == [written.server_id]


@pytest.mark.parametrize("kind", LOST)
def test_whatever_becomes_of_the_answers_a_source_is_there_as_planned(server, fritz, kind):
    server.faults_every(2, [kind])
    fritz.create_source(STAR, 188.7, 12.5, GROUPS)
    points = {"obj_id": STAR, "mjd": [1.0], "mag": [18.0], "magerr": [0.1], "filter": "ztfr"}
    fritz.put_photometry(points, 1, GROUPS)
    fritz.comment(STAR, "look", GROUPS)
    assert [one.obj_id for one in fritz.cone_search(188.7, 12.5, 1.0)] == [STAR]
    counts = [server.count(table) for table in ("sources", "saves", "photometry", "comments")]
    assert counts == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", LOST)
def test_whatever_becomes_of_the_answer_a_taxonomy_is_there_once(server, kind):
    tree = {"class": "Variable", "subclasses": [{"class": "periodic"}]}
    server.fault(kind, "POST", "/api/taxonomy")
    with server.client(server.admin_token) as admin:
        first = admin.post_taxonomy("SCoPe", "1", tree, GROUPS)
        assert admin.post_taxonomy("SCoPe", "1", tree, GROUPS).server_id == first.server_id
        with pytest.raises(FritzInvalidError, match="raise the version"):
            admin.post_taxonomy("SCoPe", "1", {"class": "Variable"}, GROUPS)
    assert server.count("taxonomies", name="SCoPe") == 1


def test_an_outage_that_lasts_is_an_error_that_says_what_is_in_doubt(server, fritz, star):
    server.fault("error_after", "POST", "/api/classification", times=None)
    server.fault("error_before", "GET", times=None)
    with pytest.raises(FritzServerError, match="502") as failure:
        fritz.classify([rrab()], known=[])
    assert failure.value.outcome_unknown
    assert server.count("classifications") == 1


def test_a_wrong_token_and_a_missing_permission_are_told_apart(server, star):
    with server.client(server.reader_token) as reader:
        with pytest.raises(FritzPermissionError, match="lacks the permission 'Annotate'"):
            reader.annotate(star, "o", {}, GROUPS, known=[])
        with pytest.raises(FritzPermissionError, match="'Upload data'"):
            reader.create_source("x", 1.0, 1.0, GROUPS)
    with server.client("nonsense") as nobody, pytest.raises(FritzAuthenticationError):
        nobody.groups()


def test_a_token_that_is_revoked_meanwhile_is_said_to_be_unknown(server, fritz, star):
    fritz.groups()
    server.revoke()
    with pytest.raises(FritzAuthenticationError, match="renew FRITZ_TOKEN"):
        fritz.comment(star, "look", GROUPS)


def test_the_token_that_the_server_puts_into_its_messages_is_taken_out(server, fritz, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(FritzPermissionError) as refusal:
        fritz.photometry("nobodys")
    assert "User <token> to read Obj nobodys" in str(refusal.value)
    server.fault("rate_limit", times=2)
    fritz.groups()
    shown = [str(refusal.value), repr(refusal.value), repr(vars(fritz._transport)), caplog.text]
    assert not any(server.token in text for text in shown)


def test_a_traceback_of_megabytes_becomes_its_last_line(fritz, star):
    points = {"obj_id": star, "mjd": [1.0, 1.0], "mag": 18.0, "magerr": 0.1, "filter": "ztfr"}
    with pytest.raises(FritzInvalidError) as refusal:
        fritz.put_photometry(points, 1, GROUPS)
    assert str(refusal.value) == (
        "Fritz: PUT /api/photometry 400: ValueError: duplicate photometry in the request"
    )


def test_retry_after_is_obeyed(server, fritz, monkeypatch):
    pauses = []
    monkeypatch.setattr(fritz._transport, "_sleep", pauses.append)
    server.fault("rate_limit", retry_after=7, times=2)
    fritz.groups()
    assert [pause for pause in pauses if pause >= 1.0] == [7.0, 7.0]


def test_pauses_double_within_their_jitter(server, monkeypatch):
    pauses = []
    retry_policy = RetryPolicy(attempts=6, first_pause=1.0, longest_pause=6.0)
    with server.client(retry_policy=retry_policy) as fritz:
        monkeypatch.setattr(fritz._transport, "_sleep", pauses.append)
        server.fault("error_before", times=None, status=503)
        with pytest.raises(FritzServerError):
            fritz.groups()
    assert len(pauses) == 5
    for pause, middle in zip(pauses, [1.0, 2.0, 4.0, 6.0, 6.0], strict=True):
        assert 0.5 * middle <= pause <= 1.5 * middle


def test_a_server_that_asks_for_hours_is_not_waited_for(server, fritz):
    server.fault("rate_limit", retry_after=7200)
    with pytest.raises(FritzRateLimitError):
        fritz.groups()
    assert fritz.n_calls == 1


def test_what_the_server_refuses_is_not_repeated(fritz, star):
    before = fritz.n_calls
    with pytest.raises(FritzNotFoundError):
        fritz.source("nobodys")
    with pytest.raises(FritzInvalidError):
        fritz.create_source("x", 1.0, 1.0, GROUPS, nonsense=1)
    assert fritz.n_calls - before == 2


def test_a_host_that_is_not_there_is_named(server):
    with (
        FritzClient("http://127.0.0.1:9", "t", retry_policy=RetryPolicy(attempts=1)) as fritz,
        pytest.raises(FritzNetworkError, match=r"127\.0\.0\.1:9 cannot be reached") as failure,
    ):
        fritz.comment("x", "y", GROUPS)
    assert not failure.value.outcome_unknown


def test_an_answer_that_does_not_come_in_time_is_a_lost_one(server, star):
    server.fault("slow", "POST", "/comments", times=None, seconds=1.0)
    retry_policy = RetryPolicy(timeout=0.1, attempts=1)
    client = server.client(retry_policy=retry_policy)
    with client as fritz, pytest.raises(FritzNetworkError) as failure:
        fritz.comment(star, "look", GROUPS)
    assert failure.value.outcome_unknown


def test_the_archive_that_fritz_had_is_said_to_be_gone(fritz):
    for call in (
        fritz.archive_catalogues,
        lambda: fritz.archive_source([1], "ZTF_sources_20210401", GROUPS),
    ):
        with pytest.raises(FritzNotFoundError, match="--light-curves"):
            call()


def test_an_error_is_a_fritz_error_with_what_was_called(fritz):
    with pytest.raises(FritzError) as failure:
        fritz.source("nobodys")
    assert (failure.value.method, failure.value.status) == ("GET", 404)
    assert failure.value.path == "/api/sources/nobodys"


def test_many_threads_share_the_pace(server):
    from concurrent.futures import ThreadPoolExecutor
    from time import monotonic

    server.latency(0.2)
    with server.client(rate=100.0, burst=1) as fritz, ThreadPoolExecutor(8) as pool:
        start = monotonic()
        list(pool.map(lambda number: fritz.exists(f"s{number}"), range(31)))
        seconds = monotonic() - start
    assert 0.30 <= seconds < 3.1  # half of 31 x 0.2 s, what they take one after the other


def test_a_token_that_travels_in_the_clear_is_warned_of(caplog):
    FritzClient("http://127.0.0.1:9", "t").close()
    assert caplog.text == ""
    FritzClient("http://fritz.example", "t").close()
    assert "no https address" in caplog.text


def test_a_redirect_is_not_followed_since_a_post_would_become_a_get():
    """A bare server, since the sandbox has no redirects."""
    import http.server
    import threading

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(301)
            self.send_header("Location", "https://elsewhere.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as bare:
        threading.Thread(target=bare.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{bare.server_port}"
        with (
            FritzClient(url, "a-token") as fritz,
            pytest.raises(FritzInvalidError, match=r"sends to https://elsewhere\.example/; set"),
        ):
            fritz.comment("x", "y", GROUPS)
