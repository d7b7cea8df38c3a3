"""Checksum files as publishers write them: the digest of this file, of no other, or none."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import Unavailable
from ansible_collections.estate.kafka.plugins.module_utils.store.checksum import published_checksum
from hypothesis import given, settings
from hypothesis import strategies as st

HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A" * 64, ("sha256", "a" * 64)),
        (f"{'b' * 128}  tool.tgz\n", ("sha512", "b" * 128)),
        (f"{'c' * 64} *other.tgz\n{'d' * 64} *tool.tgz\n", ("sha256", "d" * 64)),
        (f"{'c' * 64}  other-tool.tgz\n{'d' * 64}  ./dist/tool.tgz\r\n", ("sha256", "d" * 64)),
        (f"{'c' * 64}  tool.tgz.asc\n{'d' * 64}  tool.tgz\n", ("sha256", "d" * 64)),
        (f"SHA256 (other-tool.tgz) = {'c' * 64}\nSHA256 (tool.tgz) = {'d' * 64}\n", ("sha256", "d" * 64)),
        (f"SHA2-512(tool.tgz)= {'d' * 128}\n", ("sha512", "d" * 128)),
        (f"MD5 (tool.tgz) = {'c' * 32}\nSHA256 (tool.tgz) = {'d' * 64}\nSHA512 (tool.tgz) = {'e' * 128}", ("sha512", "e" * 128)),
        (f"tool.tgz: {'AAAA ' * 8}\n          {'AAAA ' * 24}", ("sha512", "a" * 128)),
        (
            f"other-tool.tgz: {'BBBB ' * 16}\ntool.tgz:\n  {'AAAA ' * 8}\n  {'AAAA ' * 8}\nadd.tgz: {'CCCC ' * 16}",
            ("sha256", "a" * 64),
        ),
        (f"{'d' * 64}  tool.tgz\n{'d' * 64}  tool.tgz\n", ("sha256", "d" * 64)),
    ],
)
def test_published_checksums_in_the_forms_publishers_use(text: str, found: tuple[str, str]) -> None:
    assert published_checksum(text, "tool.tgz") == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>not found</html>",
        f"{'a' * 32}  tool.tgz",
        f"{'a' * 64}  other.tgz",
        f"{'a' * 64}  other-tool.tgz",
        f"SHA256 (other-tool.tgz) = {'a' * 64}",
        f"other-tool.tgz: {'AAAA ' * 16}",
        f"{'a' * 64}\n{'b' * 64}\n",
        f"{'a' * 64}  tool.tgz\n{'b' * 64}  tool.tgz\n",
        f"{'g' * 64}  tool.tgz",
    ],
)
def test_a_checksum_file_without_this_file_is_no_checksum(text: str) -> None:
    with pytest.raises(Unavailable, match=r"tool\.tgz"):
        published_checksum(text, "tool.tgz")


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text("abcXYZ0189._+-", min_size=1, max_size=12), HEX, min_size=1, max_size=6), st.data())
def test_a_list_of_names_gives_each_its_own(files: dict[str, str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(files)))
    for form in ("{digest}  {name}", "{digest} *{name}", "SHA256 ({name}) = {digest}"):
        text = "\n".join(form.format(name=key, digest=digest) for key, digest in files.items())
        assert published_checksum(text, name) == ("sha256", files[name])
        with pytest.raises(Unavailable):
            published_checksum(text, f"x{max(files, key=len)}")


@pytest.mark.parametrize("command", [["sha256sum"], ["sha512sum"], ["sha512sum", "--tag"], ["sha256sum", "--binary"]])
def test_the_tools_of_the_system_are_understood(command: list[str], tmp_path: Path) -> None:
    for name in ("tool.tgz", "other-tool.tgz"):
        (tmp_path / name).write_text(name)
    text = subprocess.run([*command, "other-tool.tgz", "tool.tgz"], capture_output=True, text=True, check=True, cwd=tmp_path)
    algorithm, digest = published_checksum(text.stdout, "tool.tgz")
    assert digest == hashlib.new(algorithm, b"tool.tgz").hexdigest()
