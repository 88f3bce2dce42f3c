"""Checksums of code: what it does counts, what it says does not."""

from pathlib import Path

import pytest

from scope.base.hashing import md5_of
from scope.base.source_code import code_md5, code_md5s

CODE = '''"""What the module is for."""

NAME = "a # in a text"  # a remark


def half(x):
    """Return the half."""

    return x / 2
'''


def digest(folder, text):
    path = folder / "module.py"
    path.write_text(text)
    return code_md5(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# a remark", "# another one"),
        ("  # a remark", ""),
        ("Return the half.", "Return a half.\n\n    Of anything."),
        ("What the module is for.", "Another purpose."),
        ("\n\n\ndef", "\n\n\n\n# above it\ndef"),
    ],
)
def test_comments_and_docstrings_change_nothing(tmp_path, old, new):
    assert digest(tmp_path, CODE.replace(old, new)) == digest(tmp_path, CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a # in", "b # in"),
        ("a # in a text", "a # in another text"),
        ("x / 2", "x / 3"),
        ("    return", "    pass\n    return"),
        ('    """Return the half."""\n', '    y = """Return the half."""\n'),
    ],
)
def test_code_and_texts_that_are_used_change_it(tmp_path, old, new):
    assert digest(tmp_path, CODE.replace(old, new)) != digest(tmp_path, CODE)


def test_code_that_is_no_python_counts_to_the_byte(tmp_path):
    (tmp_path / "page.html").write_text("<!-- a # remark -->")
    assert code_md5(tmp_path / "page.html") == md5_of("<!-- a # remark -->")


def test_folders_are_listed_file_by_file_without_what_is_compiled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("room/b.py", "room/a.py", "room/inner/c.py", "room/__pycache__/a.pyc", "one.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    names = list(code_md5s([Path("room"), Path("one.py")]))
    assert names == ["room/a.py", "room/b.py", "room/inner/c.py", "one.py"]
