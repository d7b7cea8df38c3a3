"""For all tests but those of scenarios: the collection by its full name from this clone, as Ansible finds it; busy machines."""

from __future__ import annotations

import gc
from pathlib import Path

from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
from hypothesis import HealthCheck, settings

# The tests, once read, stay to the end: to look through them for garbage again and again took a quarter of the time to read them.
gc.set_threshold(100_000, 50, 100)


def pytest_collection_finish() -> None:
    gc.freeze()


ROOT = Path(__file__).resolve().parents[1]

_AnsibleCollectionFinder(paths=[str(ROOT / ".collections")])._install()

# How fast an example is says more of the machine, which other tests share, than of the code.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")
