"""Who reads buckets, what a refusal tells them, and what they see while they wait."""

import io
import json
import logging
import re

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from rich.console import Console

from scope.buckets.client import Reader, find_account
from scope.buckets.errors import BucketError
from scope.buckets.explain import explained
from scope.buckets.progress import byte_bar

ROBOT = "fetcher@ztf.iam.gserviceaccount.com"


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No emulator, no credentials of the machine, no question to the machine's surroundings."""
    for name in ("STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", "no-such-folder")


@pytest.fixture(scope="module")
def key_file(tmp_path_factory):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("key") / "key.json"
    content = {"type": "service_account", "client_email": ROBOT, "private_key": pem.decode()}
    path.write_text(json.dumps(content | {"token_uri": "http://127.0.0.1:9/token"}))
    return path


def test_a_service_account_is_known_by_its_address(key_file, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file))
    _, name = find_account()
    assert name == ROBOT


def test_a_key_file_that_is_not_there_is_an_error_and_not_anonymous(monkeypatch, tmp_path):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "no.json"))
    with pytest.raises(BucketError, match=r"GOOGLE_APPLICATION_CREDENTIALS names cannot be used"):
        find_account()


def test_without_credentials_buckets_are_read_anonymously():
    assert find_account()[1] == "the anonymous account (no credentials were found)"


def test_an_anonymous_reader_needs_no_project(monkeypatch):
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    assert Reader().account == find_account()[1]


def refusal(error, account=ROBOT):
    with (
        pytest.raises(BucketError) as raised,
        explained("list", "gs://b/p", account),
    ):
        raise error
    return str(raised.value)


def test_a_service_account_is_told_what_the_owner_has_to_run():
    said = api.Forbidden(f"{ROBOT} does not have storage.objects.list access to the bucket.")
    assert refusal(said).endswith(
        "gcloud storage buckets add-iam-policy-binding gs://b "
        f"--member=serviceAccount:{ROBOT} --role=roles/storage.objectViewer`"
    )


def test_the_account_that_the_server_names_comes_before_ours():
    said = api.Forbidden("me@example.org does not have storage.objects.get access to the object.")
    assert "me@example.org lacks storage.objects.get on the bucket b" in refusal(said)
    assert "--member=user:me@example.org " in refusal(said)


def test_a_refusal_for_another_reason_is_told_as_it_is():
    said = refusal(api.Forbidden("The billing account for the owning project is disabled."))
    assert "billing account" in said
    assert ROBOT in said


def test_credentials_that_ran_out_are_said_to_have():
    said = refusal(auth.RefreshError("invalid_grant"), "me@example.org")
    assert "credentials of me@example.org are no longer valid" in said
    assert "gcloud auth application-default login" in said


def test_a_server_that_keeps_failing_is_told_from_one_that_is_not_there():
    failing = api.RetryError("timeout", cause=api.ServiceUnavailable("busy"))
    assert "keeps failing (503 busy)" in refusal(failing)
    refused = api.RetryError("timeout", cause=ConnectionError("refused"))
    assert "does not answer or broke off (refused)" in refusal(refused)


def test_the_bar_shows_bytes_speed_and_the_time_left():
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with byte_bar("2 objects", 200_000_000, console) as arrived:
        arrived(50_000_000)
        arrived(50_000_000)
    shown = console.file.getvalue()
    assert "2 objects" in shown
    assert "100.0/200.0 MB" in shown
    assert re.search(r"\d+:\d\d:\d\d|-:--:--", shown)


def test_without_a_terminal_a_long_download_logs_ten_lines(caplog):
    caplog.set_level(logging.INFO, logger="scope")
    with byte_bar("1 object", 1_000_000_000, Console(file=io.StringIO())) as arrived:
        for _ in range(125):
            arrived(8_000_000)
    assert len(caplog.messages) == 10
    assert caplog.messages[-1] == "1 object: 1.0 GB of 1.0 GB"


def test_bytes_that_are_thrown_away_are_not_counted_twice(caplog):
    caplog.set_level(logging.INFO, logger="scope")
    with byte_bar("1 object", 200_000_000, Console(file=io.StringIO())) as arrived:
        for n_bytes in (150_000_000, -150_000_000, 200_000_000):
            arrived(n_bytes)
    assert caplog.messages[-1] == "1 object: 200.0 MB of 200.0 MB"
