# SPDX-License-Identifier: Apache-2.0
"""The class of all modules: what a module is given stays out of the host's journal, of errors about it, and of its result."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.estate.kafka.plugins.module_utils.declared.items import without_nulls
from ansible_collections.estate.kafka.plugins.module_utils.secrets import ANYWHERE, hide_words, secrets_in


class EstateModule(AnsibleModule):  # type: ignore[misc]
    """A module that writes its arguments nowhere.

    ``no_log`` of an option hides the whole option from the journal, and nothing of an option that is misspelt. Settings of
    clients and connectors have keys of their own, addresses may hold a password, and a file is one long text: so no argument
    is logged or returned, and what is known as a secret is hidden in everything else that a module returns.
    """

    params: dict[str, Any]

    def __init__(self, argument_spec: dict[str, Any], **options: Any) -> None:
        self._secrets: set[str] = set()
        super().__init__(argument_spec, **options)
        self._hide_secrets()

    def _load_params(self) -> None:
        """Take the arguments, and know their secrets before anything can be said about them."""
        super()._load_params()
        self._hide_secrets()
        self.params = {name: without_nulls(value, self.argument_spec.get(name, {})) for name, value in self.params.items()}

    def _hide_secrets(self) -> None:
        for name, value in self.params.items():
            # An option that says of itself whether it is secret needs no guess by its name.
            if self.argument_spec.get(name, {}).get("no_log") is None:
                self._secrets |= secrets_in({name: value})
        # Ansible hides these within words and numbers too, which makes nonsense of a text where a secret is a short word.
        self.no_log_values.update(secret for secret in self._secrets if len(secret) >= ANYWHERE)

    def _hidden(self, result: Any) -> Any:
        return hide_words(result, self._secrets)

    def _log_invocation(self) -> None:
        self.log("Invoked")

    def warn(self, warning: str, **options: Any) -> None:
        """Warn, with secrets hidden: Ansible hides them in all of a result but its warnings."""
        super().warn(remove_values(self._hidden(warning), self.no_log_values), **options)

    def exit_json(self, **result: Any) -> None:
        """End well, without the arguments in the result."""
        super().exit_json(**{"invocation": {}, **self._hidden(result)})

    def fail_json(self, msg: str, **result: Any) -> None:
        """End as failed, without the arguments in the result."""
        super().fail_json(self._hidden(msg), **{"invocation": {}, **self._hidden(result)})
