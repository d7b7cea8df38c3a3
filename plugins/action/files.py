# SPDX-License-Identifier: Apache-2.0
"""Renders the templates of a list of files on the controller and hands the whole list to the host in one round trip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template
from ansible_collections.estate.kafka.plugins.module_utils.security.certificates import CertificateError
from ansible_collections.estate.kafka.plugins.plugin_utils.pki import folder_of
from ansible_collections.estate.kafka.plugins.plugin_utils.seen import Steady
from jinja2 import TemplateSyntaxError


def _says(item: dict[str, Any]) -> bool:
    """Return whether a file is written with more than comments: those stand in other files too, and would be hidden there."""
    lines = str(item.get("content") or "").splitlines()
    return item.get("state") != "absent" and any(line and not line.startswith("#") for line in lines)


class ActionModule(ActionBase):  # type: ignore[misc]
    """Action half of ``estate.kafka.files``; see the module for its options."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; fails when an item names both ``template`` and ``content``."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        args = dict(self._task.args)
        args["items"] = [self._rendered(dict(item), variables) for item in args.get("items") or []]
        # An argument of its own, which neither Ansible nor the host's journal writes down.
        secret = [item for item in args["items"] if item.get("secret") and _says(item)]
        if secret:
            args["secrets"] = {item["path"]: item.pop("content") for item in secret}
        result: dict[str, Any] = self._execute_module(module_name="estate.kafka.files", module_args=args, task_vars=task_vars)
        if (service := args.get("service")) and not self._task.delegate_to:
            Steady(str(variables["inventory_hostname"]), str(service)).keep(bool(result.get("steady")))
        return result

    def _rendered(self, item: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Replace ``template: name`` by ``content: text``, with the same Jinja settings as ansible.builtin.template."""
        name, own, holds, pem, extra = (item.pop(key, None) for key in ("template", "own", "holds", "pem", "variables"))
        if pem is not None:
            return item | {"content": self._bundle(pem, str(item.get("path")), task_vars)}
        if name is None:
            return item
        if item.get("content") is not None:
            raise AnsibleActionFail(f"{item.get('path')}: give either 'template' or 'content', not both")
        source = self._own_template(item, name, task_vars) if own else self._find_needle("templates", name)
        text = trust_as_template(self._loader.get_text_file_contents(source))
        search = [str(Path(source).parent), *task_vars.get("ansible_search_path", [])]
        variables = {
            "ansible_managed": "Ansible managed",
            **task_vars,
            **(extra or {}),
            "template_path": name,
            "template_fullpath": source,
            "template_destpath": item.get("path"),
        }
        templar = self._templar.copy_with_new_env(searchpath=search, available_variables=variables)
        try:
            item["content"] = templar.template(text, escape_backslashes=False, overrides={"trim_blocks": True}) or ""
        except AnsibleError as error:
            if isinstance(error.__cause__, TemplateSyntaxError):
                raise AnsibleActionFail(f"{source}, line {error.__cause__.lineno}") from error
            raise
        if holds and holds not in item["content"]:
            raise AnsibleActionFail(
                f"{source}: nothing in the text writes {holds}, by which the toolkit knows whether a restart is due: "
                "begin with a copy of templates/java.service.j2 and keep its ExecStartPre lines"
            )
        return item

    def _bundle(self, pem: dict[str, Any], path: str, task_vars: dict[str, Any]) -> str:
        """Return a key with its certificate, or an authority, of the folder beside the inventory; a store as Base64."""
        try:
            folder = folder_of(task_vars["estate_topology"], self._loader, self._task.check_mode)
            ca, name = pem["authority"], pem.get("name", "")
            text = folder.store(ca, name) if pem.get("store") else folder.bundle(ca, name, pem.get("part", ""))
        except CertificateError as error:
            raise AnsibleActionFail(f"{path}: {error}") from error
        if not text and not self._task.check_mode:
            raise AnsibleActionFail(
                f"{path}: not made yet; run a playbook of the estate from its beginning, without --start-at-task"
            )
        return text or ("" if pem.get("store") else "# Made by the run that changes things.\n")

    def _own_template(self, item: dict[str, Any], name: str, task_vars: dict[str, Any]) -> str:
        """Return the path of a person's own template; beside the inventory before beside the playbook, never a role's."""
        folders = [Path(str(task_vars[key])) for key in ("inventory_dir", "playbook_dir") if task_vars.get(key)]
        tried = [Path(name)] if name.startswith("/") else [folder / "templates" / name for folder in folders]
        found = next((path for path in tried if path.is_file()), None)
        if found is None:
            raise AnsibleActionFail(f"{item.get('path')}: found no template {', '.join(map(str, tried))}; put it there")
        return str(found)
