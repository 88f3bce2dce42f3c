"""The page of a run: content as JSON within it, and the line of when and from what it was made."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from scope.base.errors import DataError
from scope.base.files import atomic_path
from scope.reports.templating import template
from scope.tracking.workspace import origin_tags

STAMP = "<!--stamp-->"


def render(content: Mapping[str, Any]) -> str:
    """Return the page, the same to the byte for the same content; it opens no address by itself."""
    # Within a script element only "</" and "<!--" would end the text; "<" does not stand there.
    text = json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return template("run.html.j2").render(content=content, data=text, stamp=STAMP)


def write_stamped(page: Path, out: Path, now: datetime | None = None) -> None:
    """Write the page in the file `page` to `out`, with its commit and the time it was made.

    They stand in this copy alone: what DVC keeps is the same whenever it is made.

    Raises
    ------
    DataError : there is no page
    """
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{page} cannot be read ({error}); run the stage report") from error
    tags = origin_tags()
    dirty = {"true": ", with changes not committed", "false": ""}.get(tags["git.dirty"], "")
    made = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC")
    experiment = tags.get("dvc.experiment")
    parts = [f"commit <code>{escape(tags['git.commit'][:12])}</code>{dirty}"]
    parts += [f"experiment {escape(experiment)}"] if experiment else []
    with atomic_path(out) as temporary:
        text = text.replace(STAMP, f"{', '.join(parts)}, written {made}")
        temporary.write_text(text, encoding="utf-8")
