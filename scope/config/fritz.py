"""Sections `fritz` and `fritz_labels`: what is sent to Fritz, and what labels are called there."""

from typing import Literal

from scope.base.settings import Count, settings


@settings
class FritzParams:
    """What is sent to Fritz, and whether it is."""

    mode: Literal["plan", "apply"]
    group_ids: list[Count]
    taxonomy_id: Count | None


@settings
class FritzClass:
    """What a label is called on Fritz: a key of `LabelMapParams.taxonomies`, and the class."""

    taxonomy: str
    class_name: str


@settings
class LabelMapParams:
    """Names of the taxonomies on Fritz, and label -> class in one of them.

    Attributes
    ----------
    taxonomies : kind -> names; the first that a server has is the one meant
    """

    taxonomies: dict[str, list[str]]
    labels: dict[str, FritzClass]
