#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Directories, files and links of a component, in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: files
short_description: Directories, files and links of a component in one round trip
version_added: 0.1.0
description:
  - Brings a list of directories, files and symbolic links to the wanted content, owner and mode.
  - A file is written beside its place and renamed over it, so a reader never sees half of one. It keeps its SELinux context;
    a new file gets the one that the policy has for its place.
  - Parents of a directory that are not there are made too, with mode 0755. No mode depends on the umask.
  - Directories are never removed.
  - Fails before anything is written where an owner, a group, or what a link is to point to is not there.
  - Files with O(items[].validate) are checked before anything of the list is written, in check mode too; one that is refused
    leaves everything as it is. In check mode a command that is not there yet checks nothing.
options:
  items:
    description: What must be there, in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      state:
        description: Kind of the entry; V(absent) removes a file or a link, never a directory.
        type: str
        choices: [file, directory, link, absent]
        default: file
      content: {description: Text of a file., type: str}
      template: {description: Name of a template of the role whose result is the text of the file., type: str}
      src: {description: Target of a link., type: path}
      owner: {description: Owner of this entry; the module's O(owner) by default., type: str}
      group: {description: Group of this entry; the module's O(group) by default., type: str}
      mode:
        description:
          - Octal mode in quotes, such as V("0640"); V("0755") for a directory, V("0644") for a file by default.
          - A number is refused, for YAML makes 420 of 0644 and nobody can tell what was meant.
        type: raw
      validate:
        description: Command that accepts the file, run when its text changes; C(%s) stands for a copy with the new text.
        type: list
        elements: str
        default: []
      secret: {description: Keep the text out of the diff and out of every log., type: bool, default: false}
      binary: {description: The text is Base64 of what the file holds; no diff shows it., type: bool, default: false}
  owner: {description: Owner of the entries., type: str, default: root}
  group: {description: Group of the entries., type: str, default: root}
  secrets: {description: Texts of the secret entries by path; set by the action., type: dict, default: {}}
  service:
    description:
      - Unit, without C(.service), of the service that reads the entries. Where nothing changed, it is looked at in the same round
        trip; M(estate.kafka.service) does not ask again for one that is steady.
    type: str
    default: ""
  watch: {description: Files that it reads at its start; see M(estate.kafka.service)., type: list, elements: path, default: []}
  reload: {description: Files that it reads on a reload; see M(estate.kafka.service)., type: list, elements: path, default: []}
extends_documentation_fragment: [estate.kafka.probe, estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Configure the broker
  estate.kafka.files:
    group: kafka
    items:
      - {path: /var/lib/kafka/data, state: directory, owner: kafka, mode: "0750"}
      - {path: /etc/kafka/server.properties, template: server.properties.j2, mode: "0640"}
      - {path: /opt/kafka/current, state: link, src: /opt/kafka/3.9.2}
"""

RETURN = r"""
changed_paths:
  description: Entries that were, or in check mode would be, created or changed.
  type: list
  elements: str
  returned: always
steady:
  description: Whether the service is enabled and running, serves, and runs with the files on disk.
  type: bool
  returned: with O(service)
"""

import base64
import errno
import grp
import os
import pwd
import re
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.host.mark import heard_of
from ansible_collections.estate.kafka.plugins.module_utils.host.masked import mask_secrets
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import make_directories, write_whole
from ansible_collections.estate.kafka.plugins.module_utils.host.probe import PROBE_SPEC, Probe
from ansible_collections.estate.kafka.plugins.module_utils.host.unit import Unit
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule

DEFAULT_MODE = {"directory": "0755", "file": "0644"}
MODE = re.compile(r"[0-7]{3,4}")
MIB = 1024**2
FULL = (errno.ENOSPC, errno.EDQUOT)


def _uid(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _gid(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def wrong_mode(item: dict[str, Any]) -> str:
    """Return '' when the mode of an item is octal digits in a text, otherwise what to write instead."""
    mode = item["mode"]
    if mode is None or mode == "" or (isinstance(mode, str) and MODE.fullmatch(mode)):
        return ""
    remedy = "write octal digits in quotes, such as '0644': without them YAML makes another number of it"
    return f"{item['path']}: mode: found {mode!r}; {remedy}"


def told(error: Exception, path: Path) -> str:
    """Return what an error says, with the free space of the file system where it is about space."""
    if not isinstance(error, OSError) or error.errno not in FULL:
        return str(error)
    while not path.is_dir() and path != path.parent:
        path = path.parent
    free = shutil.disk_usage(path).free // MIB
    return f"{error}; {free} MiB are free on the file system of {path}: make room there and run again"


def missing(items: list[dict[str, Any]], owner: str, group: str) -> list[str]:
    """Return what the entries need and a host does not have, which a run of the configuration alone does not make.

    Users and groups by name, and what links are to point to, unless an entry of the list makes that, or a folder above it.
    """
    wanted = [item for item in items if item["state"] != "absent"]
    named = [item for item in wanted if item["state"] != "link"]
    users = sorted({name for item in named if _uid(name := item["owner"] or owner) is None})
    groups = sorted({name for item in named if _gid(name := item["group"] or group) is None})
    made = {Path(item["path"]) for item in wanted}
    links = {item["path"]: Path(item["path"]).parent / item["src"] for item in wanted if item["state"] == "link" and item["src"]}
    absent = {link: to for link, to in links.items() if not to.exists() and made.isdisjoint([to, *to.parents])}
    return (
        [f"owner '{name}' does not exist on this host" for name in users]
        + [f"group '{name}' does not exist on this host" for name in groups]
        + [f"{link} is to be a link to {to}, which is not there" for link, to in absent.items()]
    )


class Entry:
    """One item of the list against the file system of the host.

    ``label(path, fresh)`` gives a file written beside its place the SELinux context that the place has or is to have.
    """

    def __init__(self, item: dict[str, Any], owner: str, group: str, check_mode: bool, label: Callable[[str, str], None]) -> None:
        self.path = Path(item["path"])
        self.state: str = item["state"]
        content: str | None = item["content"]
        self.content = None if content is None else base64.b64decode(content) if item["binary"] else content.encode()
        self.src: str | None = item["src"]
        self.owner: str = item["owner"] or owner
        self.group: str = item["group"] or group
        self.mode = int(item["mode"] or DEFAULT_MODE.get(self.state, "0777"), 8)
        self.hidden = "secret" if item["secret"] else "binary" if item["binary"] else ""
        self.validate: list[str] = item["validate"]
        self.check_mode = check_mode
        self.label = label
        self.diff: dict[str, str] = {}

    def apply(self) -> bool:
        """Bring the entry to its state; return whether that needed, or in check mode would need, a change."""
        return bool(getattr(self, f"_{self.state}")())

    def refusal(self, run: Callable[[list[str]], tuple[int, str, str]], directory: str) -> str:
        """Return what the item's own command says against its new text, '' when it accepts it or need not be asked."""
        if self.state != "file" or not self.validate or self.content is None:
            return ""
        if self.path.is_file() and self.path.read_bytes() == self.content:
            return ""
        if self.check_mode and not Path(self.validate[0]).is_file():
            return ""
        copy = Path(directory) / self.path.name
        copy.write_bytes(self.content)
        status, out, err = run([word.replace("%s", str(copy)) for word in self.validate])
        copy.unlink()
        if not status:
            return ""
        return f"{self.path}: refused by {Path(self.validate[0]).name}, nothing was changed: {(out + err).strip()}"

    def _ids(self) -> tuple[int | None, int | None]:
        uid, gid = _uid(self.owner), _gid(self.group)
        if not self.check_mode:
            if uid is None:
                raise ValueError(f"{self.path}: owner '{self.owner}' does not exist on this host; create the user first")
            if gid is None:
                raise ValueError(f"{self.path}: group '{self.group}' does not exist on this host; create it first")
        return uid, gid

    def _attributes(self, before: str) -> bool:
        """Owner, group and mode of what already exists."""
        uid, gid = self._ids()
        found = self.path.stat()
        current = (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode))
        if current == (uid, gid, self.mode):
            return False
        after = f"{self.owner}:{self.group} {self.mode:04o}"
        if not self.diff:
            self._show(f"{before} {current[0]}:{current[1]} {current[2]:04o}\n", f"{before} {after}\n")
        if not self.check_mode and uid is not None and gid is not None:
            os.chown(self.path, uid, gid)
            self.path.chmod(self.mode)
        return True

    def _show(self, before: str, after: str) -> None:
        self.diff = {"before_header": str(self.path), "after_header": str(self.path), "before": before, "after": after}

    def _directory(self) -> bool:
        if self.path.is_dir():
            return self._attributes("directory")
        if self.path.exists() or self.path.is_symlink():
            raise ValueError(f"{self.path}: a directory is wanted and something else is there; move it away first")
        uid, gid = self._ids()
        self._show("", "directory\n")
        if not self.check_mode and uid is not None and gid is not None:
            make_directories(self.path, self.mode)
            os.chown(self.path, uid, gid)
            self.path.chmod(self.mode)
        return True

    def _file(self) -> bool:
        if self.content is None:
            raise ValueError(f"{self.path}: a file needs 'content' or 'template'")
        if self.path.is_dir():
            raise ValueError(f"{self.path}: a file is wanted and a directory is there; move it away first")
        before = self.path.read_bytes() if self.path.is_file() and not self.path.is_symlink() else None
        if before == self.content:
            return self._attributes("file")
        if self.hidden:
            self._show(f"({self.hidden})\n", f"({self.hidden}, changed)\n")
        else:
            old, new = (before or b"").decode(errors="replace"), self.content.decode()
            self._show(mask_secrets(old), mask_secrets(new, old))
        uid, gid = self._ids()
        if not self.check_mode and uid is not None and gid is not None:
            self._write(uid, gid)
        return True

    def _write(self, uid: int, gid: int) -> None:
        def prepare(draft: Path) -> None:
            os.chown(draft, uid, gid)
            self.label(str(self.path), str(draft))

        write_whole(self.path, self.content or b"", self.mode, prepare)

    def _link(self) -> bool:
        if self.src is None:
            raise ValueError(f"{self.path}: a link needs 'src'")
        before = os.readlink(self.path) if self.path.is_symlink() else ""
        if before == self.src:
            return False
        if self.path.exists() and not self.path.is_symlink():
            raise ValueError(f"{self.path}: a link is wanted and something else is there; move it away first")
        self._show(f"link to {before}\n" if before else "", f"link to {self.src}\n")
        if not self.check_mode:
            fresh = self.path.with_name(f".{self.path.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self.src)
            fresh.replace(self.path)
        return True

    def _absent(self) -> bool:
        if not self.path.exists() and not self.path.is_symlink():
            return False
        if self.path.is_dir() and not self.path.is_symlink():
            raise ValueError(f"{self.path}: this module removes no directories")
        self._show("present\n", "absent\n")
        if not self.check_mode:
            self.path.unlink()
        return True


def labeller(module: EstateModule) -> Callable[[str, str], None]:
    """Return what gives a new file the SELinux context of its place; it does nothing on a host without SELinux."""

    def label(path: str, fresh: str) -> None:
        if module.selinux_enabled():
            context = module.selinux_context(path) if Path(path).exists() else module.selinux_default_context(path)
            module.set_context_if_different(fresh, context, False)

    return label


def main() -> None:
    """Entry point of the module."""
    item_spec = {
        "path": {"type": "path", "required": True},
        "state": {"type": "str", "choices": ["file", "directory", "link", "absent"], "default": "file"},
        "content": {"type": "str"},
        "template": {"type": "str"},
        "src": {"type": "path"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "mode": {"type": "raw"},
        "validate": {"type": "list", "elements": "str", "default": []},
        "secret": {"type": "bool", "default": False, "no_log": False},
        "binary": {"type": "bool", "default": False},
    }
    module = EstateModule(
        argument_spec={
            "items": {"type": "list", "elements": "dict", "options": item_spec, "required": True},
            "owner": {"type": "str", "default": "root"},
            "group": {"type": "str", "default": "root"},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "service": {"type": "str", "default": ""},
            "watch": {"type": "list", "elements": "path", "default": []},
            "reload": {"type": "list", "elements": "path", "default": []},
            "probe": PROBE_SPEC,
        },
        supports_check_mode=True,
    )
    if not module.check_mode:
        heard_of()
    changed: list[str] = []
    diff: list[dict[str, str]] = []
    for item in module.params["items"]:
        item["content"] = module.params["secrets"].get(item["path"], item["content"])
    wrong = [found for item in module.params["items"] if (found := wrong_mode(item))]
    if wrong:
        module.fail_json(msg="\n".join(wrong), changed=False, changed_paths=[])
    owner, group = module.params["owner"], module.params["group"]
    lacking = [] if module.check_mode else missing(module.params["items"], owner, group)
    if lacking:
        remedy = "the tasks tagged 'install' make what belongs to a component: run them first, or without --tags"
        module.fail_json(
            msg=f"{'; '.join(lacking)}; nothing was changed. In a playbook of this project {remedy}",
            changed=False,
            changed_paths=[],
        )
    entries = [Entry(item, owner, group, module.check_mode, labeller(module)) for item in module.params["items"]]
    with tempfile.TemporaryDirectory(dir=module.tmpdir) as directory:
        refused = [answer for entry in entries if (answer := entry.refusal(module.run_command, directory))]
    if refused:
        module.fail_json(msg="\n".join(refused), changed=False, changed_paths=[])
    for entry in entries:
        try:
            if entry.apply():
                changed.append(str(entry.path))
                diff.append(entry.diff)
        except (ValueError, OSError) as error:
            module.fail_json(msg=told(error, entry.path), changed=bool(changed), changed_paths=changed)
    looked = {"steady": not changed and _is_steady(module)} if module.params["service"] else {}
    module.exit_json(changed=bool(changed), changed_paths=changed, diff=diff, **looked)


def _is_steady(module: EstateModule) -> bool:
    params = module.params
    return Unit(module, params["service"], []).is_steady(params["watch"], params["reload"], Probe.of(params["probe"]))


if __name__ == "__main__":
    main()
