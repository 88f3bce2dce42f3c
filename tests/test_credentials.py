import pytest

from scope.base.errors import ConfigError
from scope.fritz.credentials import fritz_credentials, kowalski_credentials


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in ("FRITZ_URL", "FRITZ_TOKEN", "KOWALSKI_URL", "KOWALSKI_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_the_environment_comes_before_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("FRITZ_TOKEN=of-the-file\nFRITZ_URL=http://127.0.0.1:5000/\n")
    monkeypatch.setenv("FRITZ_TOKEN", "of-the-environment")
    found = fritz_credentials(tmp_path)
    assert (found.url, found.token) == ("http://127.0.0.1:5000", "of-the-environment")


def test_without_an_address_it_is_fritz_and_gloria(tmp_path, monkeypatch):
    monkeypatch.setenv("FRITZ_TOKEN", "a")
    monkeypatch.setenv("KOWALSKI_TOKEN", "b")
    assert fritz_credentials(tmp_path).url == "https://fritz.science"
    assert kowalski_credentials(tmp_path).url == "https://gloria.caltech.edu:443"


def test_a_missing_token_is_named(tmp_path):
    with pytest.raises(ConfigError, match="KOWALSKI_TOKEN is not set"):
        kowalski_credentials(tmp_path)


def test_a_token_is_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("FRITZ_TOKEN", "hush-hush")
    assert "hush-hush" not in repr(fritz_credentials(tmp_path))
    monkeypatch.setenv("FRITZ_TOKEN", "hush hush\n1")
    with pytest.raises(ConfigError) as refusal:
        fritz_credentials(tmp_path)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("url", ["fritz.science", "ftp://fritz.science", "https://", "http://h:x"])
def test_an_address_that_is_none_is_refused(tmp_path, monkeypatch, url):
    monkeypatch.setenv("FRITZ_TOKEN", "a")
    monkeypatch.setenv("FRITZ_URL", url)
    with pytest.raises(ConfigError, match="FRITZ_URL"):
        fritz_credentials(tmp_path)


def test_a_password_in_an_address_is_refused_unseen(tmp_path, monkeypatch):
    monkeypatch.setenv("FRITZ_TOKEN", "a")
    monkeypatch.setenv("FRITZ_URL", "https://me:hush@fritz.science")
    with pytest.raises(ConfigError, match="password") as refusal:
        fritz_credentials(tmp_path)
    assert "hush" not in str(refusal.value)
