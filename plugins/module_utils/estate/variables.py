# SPDX-License-Identifier: Apache-2.0
"""The variables of the whole estate.  Objects inside the services have the argument specs of the modules that keep them."""

from __future__ import annotations

from typing import Any

from ansible_collections.estate.kafka.plugins.module_utils.connect.plan import CONNECTOR_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.acls.plan import ACL_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.features.plan import FEATURES_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.quotas.plan import QUOTA_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.topics.plan import TOPIC_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.kafka.users.plan import UPDATE_PASSWORD, USER_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.mirrors.plan import MIRROR_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.registry.plan import LEVELS, SUBJECT_SPEC
from ansible_collections.estate.kafka.plugins.module_utils.security.profile import PROFILES
from ansible_collections.estate.kafka.plugins.module_utils.store.catalogue import KINDS, MACHINES, PYTHONS

# Variables of the whole estate, in the form of a role's argument_specs.
ESTATE_OPTIONS: dict[str, dict[str, Any]] = {
    "estate_store": {"type": "str"},
    "estate_mirror_url": {"type": "str"},
    "estate_versions": {"type": "dict"},
    "estate_artifact_sources": {"type": "list", "elements": "str", "choices": list(KINDS)},
    "estate_require_all_artifacts": {"type": "bool"},
    "estate_host_pythons": {"type": "list", "elements": "str", "choices": list(PYTHONS)},
    "estate_host_machines": {"type": "list", "elements": "str", "choices": list(MACHINES)},
    # The run whose mark this one replaces, and the seconds of silence after which a run counts as ended.
    "estate_take_over": {"type": "str"},
    "estate_run_idle_max": {"type": "float"},
    # Whether brokers, Connect workers and ZooKeeper servers carry the JMX exporter agent.
    "estate_jmx_exporter": {"type": "bool"},
    # Objects inside the services, in the group_vars of a cluster and of the Connect workers.
    # The id of a cluster without ZooKeeper, as its members' meta.properties have it; without it the first format makes one.
    "kafka_cluster_id": {"type": "str"},
    # How clients of the toolkit log in to a cluster, beside its addresses: settings of librdkafka.
    "kafka_client": {"type": "dict", "no_log": True},
    "kafka_topics": {"type": "list", "elements": "dict", "options": TOPIC_SPEC},
    "kafka_topics_throttle": {"type": "int"},
    "kafka_topics_prune": {"type": "bool"},
    "kafka_topics_confirm_delete": {"type": "list", "elements": "str"},
    "kafka_topics_keep": {"type": "list", "elements": "str"},
    "kafka_users": {"type": "list", "elements": "dict", "options": USER_SPEC, "no_log": True},
    "kafka_users_login": {"type": "dict", "no_log": True},
    "kafka_users_update_password": {"type": "str", "choices": list(UPDATE_PASSWORD)},
    "kafka_users_prune": {"type": "bool"},
    "kafka_users_confirm_delete": {"type": "list", "elements": "str"},
    "kafka_acls": {"type": "list", "elements": "dict", "options": ACL_SPEC},
    "kafka_acls_prune": {"type": "bool"},
    "kafka_quotas": {"type": "list", "elements": "dict", "options": QUOTA_SPEC},
    "kafka_quotas_prune": {"type": "bool"},
    # Finalised features of a cluster without ZooKeeper: a release, or single levels.
    "kafka_features": {"type": "dict", "options": FEATURES_SPEC},
    "schema_subjects": {"type": "list", "elements": "dict", "options": SUBJECT_SPEC},
    "schema_subjects_prune": {"type": "bool"},
    "schema_subjects_confirm_delete": {"type": "list", "elements": "str"},
    "schema_compatibility": {"type": "str", "choices": list(LEVELS)},
    "kafka_connectors": {"type": "list", "elements": "dict", "options": CONNECTOR_SPEC, "no_log": True},
    "kafka_connectors_restart": {"type": "list", "elements": "str"},
    "kafka_connectors_prune": {"type": "bool"},
    "kafka_connectors_confirm_delete": {"type": "list", "elements": "str"},
    # Flows between clusters, for the whole estate; connectors follow from them.
    "mirrors": {"type": "list", "elements": "dict", "options": MIRROR_SPEC, "no_log": True},
    "security_profile": {"type": "str", "choices": list(PROFILES)},
    # Who signs the certificates of a secured estate, and the folder they are kept in.
    "estate_ca": {"type": "str", "choices": ["own", "company"]},
    # Of a company's: for which authorities it stands, and what its requests have as subject beside the host's name.
    "estate_ca_authorities": {"type": "list", "elements": "str"},
    "estate_ca_subject": {"type": "str"},
    "estate_pki_dir": {"type": "path"},
    # In front of metrics, and of what reads them, in a secured estate.
    "estate_metrics_password": {"type": "str", "no_log": True},
    "estate_monitoring_password": {"type": "str", "no_log": True},
}

# Of the hosts in group exercise, which no role has.
EXERCISE_OPTIONS: dict[str, dict[str, Any]] = {
    "exercise_index": {"type": "str", "default": "students"},
    "exercise_mirrored_topic": {"type": "str", "required": True},
    "exercise_source_cluster": {"type": "str", "required": True},
    "exercise_target_cluster": {"type": "str", "required": True},
    "exercise_topic": {"type": "str", "required": True},
}
