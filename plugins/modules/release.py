#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Installs releases of the artefact store beside the ones already there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Releases of the artefact store, unpacked beside the ones already there
version_added: 0.1.0
description:
  - Unpacks each release into C(<dest>/<version>) unless it is there already, complete and from the same archive.
  - The archive comes from the controller's store, or from a mirror when the release has a URL; its sha256 is checked on the host.
  - The tree is unpacked under another name and renamed, so an interrupted run never leaves half of one in use.
  - Modes are those of the archive, and 0755 for directories on the way, whatever root's umask is.
  - A mirror is asked directly, never by a proxy of the host's environment.
  - A version directory that holds another build of the same version is refused, not overwritten.
options:
  items:
    description: What to install.
    type: list
    elements: dict
    required: true
    suboptions:
      release:
        description: An entry of C(estate_releases) as M(estate.kafka.store) returns it.
        type: dict
        required: true
        suboptions:
          version: {description: Version; the name of the directory., type: str, required: true}
          file: {description: The archive on the controller., type: str}
          sha256: {description: Checksum of the archive., type: str, required: true}
          url: {description: Mirror address of the archive; empty means that the controller sends it., type: str, default: ""}
          source: {description: Kind of source the release was made from., type: str}
          flavour: {description: Which of several possible trees it is., type: str}
      dest: {description: Directory that holds the versions., type: path, required: true}
      archive: {description: The archive on the host; set by the action., type: path}
extends_documentation_fragment: [estate.kafka.attributes, ansible.builtin.action_common_attributes]
attributes:
  diff_mode: {support: full}
author: kafka-estate maintainers (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Install Kafka
  estate.kafka.release:
    items:
      - {release: "{{ estate_releases.kafka }}", dest: /opt/kafka}
"""

RETURN = r"""
paths: {description: The directories of the versions., type: list, elements: str, returned: always}
"""

import fcntl
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from ansible.module_utils.urls import fetch_url
from ansible_collections.estate.kafka.plugins.module_utils.host.digest import file_digest
from ansible_collections.estate.kafka.plugins.module_utils.host.mark import heard_of
from ansible_collections.estate.kafka.plugins.module_utils.host.paths import fixed_umask, make_directories
from ansible_collections.estate.kafka.plugins.module_utils.host.releases import installed_sha256, outcome
from ansible_collections.estate.kafka.plugins.module_utils.module import EstateModule


def download(module: EstateModule, url: str, directory: Path) -> Path:
    """Fetch the archive from the mirror into the given directory.

    A mirror belongs to the estate, so the proxy of the environment is not asked.
    """
    response, info = fetch_url(module, url, timeout=60, use_proxy=False)
    if info["status"] != 200:
        module.fail_json(msg=f"mirror {url}: {info['msg']}; check estate_mirror_url and that the mirror holds this store")
    target = directory / "release.tar"
    with target.open("wb") as out:
        shutil.copyfileobj(response, out, 1 << 20)
    return target


def unpack(module: EstateModule, archive: Path, wanted: str, target: Path) -> None:
    """Check the archive's sha256, unpack it beside its place and rename it into place."""
    found = file_digest(archive)
    if found != wanted:
        module.fail_json(
            msg=f"{archive.name} for {target}: sha256 expected {wanted}, found {found}; "
            "nothing was installed; the store or the mirror is damaged: run the artifacts playbook with a full verification"
        )
    make_directories(target.parent)
    with (target.parent / ".lock").open("w") as lock:
        # Two runs at once must not unpack into one directory; the lock ends with the process that holds it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed_sha256(target) == wanted:
            return
        partial = target.with_name(f".{target.name}.partial")
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir()
        command = ["tar", "--extract", "--file", str(archive), "--directory", str(partial), "--no-same-owner"]
        module.run_command(command, check_rc=True)
        partial.chmod(0o755)
        (partial / ".release-sha256").write_text(wanted + "\n")
        partial.rename(target)


def install(module: EstateModule, item: dict[str, Any]) -> str:
    """Bring one release to its place; return 'present', 'installed' or 'wanted' (the archive has to be sent first)."""
    release = item["release"]
    if not re.fullmatch(r"[\w.+-]+", release["version"]):
        module.fail_json(msg=f"version '{release['version']}' is not a plain name")
    target = Path(item["dest"]) / release["version"]
    present = installed_sha256(target)
    if present == release["sha256"]:
        return "present"
    if target.exists():
        module.fail_json(
            msg=f"{target} holds another build of this version (sha256 {present or 'unknown'}, wanted {release['sha256']}); "
            "installed versions are never overwritten: give the new build another version, or move this directory away"
        )
    if module.check_mode:
        return "installed"
    if item["archive"]:
        unpack(module, Path(item["archive"]), release["sha256"], target)
    elif release["url"]:
        with tempfile.TemporaryDirectory(dir=module.tmpdir) as directory:
            unpack(module, download(module, release["url"], Path(directory)), release["sha256"], target)
    else:
        return "wanted"
    return "installed"


def main() -> None:
    """Entry point of the module."""
    release_spec: dict[str, Any] = {
        "version": {"type": "str", "required": True},
        "file": {"type": "str"},
        "sha256": {"type": "str", "required": True},
        "url": {"type": "str", "default": ""},
        "source": {"type": "str"},
        "flavour": {"type": "str"},
    }
    item_spec = {
        "release": {"type": "dict", "options": release_spec, "required": True},
        "dest": {"type": "path", "required": True},
        "archive": {"type": "path"},
    }
    module = EstateModule(
        argument_spec={"items": {"type": "list", "elements": "dict", "options": item_spec, "required": True}},
        supports_check_mode=True,
    )
    if not module.check_mode:
        heard_of()
    items = module.params["items"]
    with fixed_umask():
        done = [install(module, item) for item in items]
    paths = [f"{item['dest']}/{item['release']['version']}" for item in items]
    fresh = [path for path, state in zip(paths, done) if state == "installed"]
    module.exit_json(**outcome(paths, fresh), wanted=[index for index, state in enumerate(done) if state == "wanted"])


if __name__ == "__main__":
    main()
