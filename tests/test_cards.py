"""What a model says of itself."""

import pytest

from scope.base.errors import ModelError
from scope.models.shared.cards import Card, model_digest, read_card, write_card


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.json").write_bytes(b"trees")
    digest = model_digest([tmp_path / "model.json"], ["period"], "scaling", [])
    write_card(
        Card("rrlyr", "RR Lyrae", 0.7, ["period"], ["model.json"], [], "scaling", {}, digest),
        tmp_path,
    )
    return tmp_path


def test_a_card_comes_back_as_written(folder):
    card = read_card(folder)
    assert (card.tag, card.features, card.files) == ("rrlyr", ["period"], ["model.json"])


def test_the_digest_follows_model_features_and_scaling(folder):
    path = folder / "model.json"
    known = {
        model_digest([path], ["period"], "scaling", []),
        model_digest([path], ["skew"], "scaling", []),
        model_digest([path], ["period"], "other", []),
    }
    path.write_bytes(b"other trees")
    assert len(known | {model_digest([path], ["period"], "scaling", [])}) == 4


def test_a_model_file_that_is_not_the_one_of_the_card_is_refused(folder):
    (folder / "model.json").write_bytes(b"other trees")
    with pytest.raises(ModelError, match="differs from the one its card describes; train rrlyr"):
        read_card(folder)


def test_a_lost_model_file_is_named(folder):
    (folder / "model.json").unlink()
    with pytest.raises(ModelError, match=r"model.json cannot be read"):
        read_card(folder)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"tag": "rrlyr"}'])
def test_a_damaged_card_is_refused(folder, content):
    (folder / "card.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"card.json is not the card of a trained model"):
        read_card(folder)
