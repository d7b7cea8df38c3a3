"""The class of all modules: what a module is given stays out of the host's journal, of errors about it, and of its result."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.estate.kafka.plugins.module_utils.secrets import secrets_in


class EstateModule(AnsibleModule):  # type: ignore[misc]
    """A module that writes its arguments nowhere.

    ``no_log`` of an option hides the whole option from the journal, and nothing of an option that is misspelt. Settings of
    clients and connectors have keys of their own, addresses may hold a password, and a file is one long text: so no argument
    is logged or returned, and what is known as a secret is hidden in everything else that a module returns.
    """

    def __init__(self, argument_spec: dict[str, Any], **options: Any) -> None:
        super().__init__(argument_spec, **options)
        self._hide_secrets()

    def _load_params(self) -> None:
        """Take the arguments, and know their secrets before anything can be said about them."""
        super()._load_params()
        self._hide_secrets()

    def _hide_secrets(self) -> None:
        for name, value in self.params.items():
            # An option that says of itself whether it is secret needs no guess by its name.
            if self.argument_spec.get(name, {}).get("no_log") is None:
                self.no_log_values.update(secrets_in({name: value}))

    def _log_invocation(self) -> None:
        self.log("Invoked")

    def warn(self, warning: str, **options: Any) -> None:
        """Warn, with secrets hidden: Ansible hides them in all of a result but its warnings."""
        super().warn(remove_values(warning, self.no_log_values), **options)

    def exit_json(self, **result: Any) -> None:
        """End well, without the arguments in the result."""
        super().exit_json(**{"invocation": {}, **result})

    def fail_json(self, msg: str, **result: Any) -> None:
        """End as failed, without the arguments in the result."""
        super().fail_json(msg, **{"invocation": {}, **result})
