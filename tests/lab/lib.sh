# shellcheck shell=bash
# Shared by the lab's scripts; sourced, not run.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034
cache=$project/.cache
export PATH=$project/.venv/bin:$PATH

say() { printf '==> %s\n' "$*"; }

# fail WHAT [WHAT TO DO]: one clear sentence, then stop.
fail() {
  printf 'lab: %s\n' "$@" >&2
  exit 1
}

engine_answers() { docker info >/dev/null 2>&1; }

# The environment in which ansible-playbook, pytest and the like work on the lab: the reference estate in containers, which is
# inventories/prod, or inventories/$INVENTORY.
use_lab() {
  local inventory=inventories/${INVENTORY:-prod}
  [[ -f $project/$inventory/hosts.yml ]] || fail "INVENTORY=$INVENTORY: there is no $inventory/hosts.yml. The lab has prod and kraft."
  export MOLECULE_SCENARIO_NAME=site
  export ANSIBLE_CONFIG=$project/ansible.cfg
  export ANSIBLE_INVENTORY=$project/$inventory,$project/molecule/shared/inventory
  export ANSIBLE_DEPRECATION_WARNINGS=false
  # Seconds to start Python in a container on a busy machine.
  export ANSIBLE_TIMEOUT=120
  use_accelerators
}

# Everything works the same without them.
use_accelerators() {
  if [[ -d $project/.venv/mitogen && -d $project/.venv/collections ]]; then
    export ANSIBLE_STRATEGY=mitogen_linear ANSIBLE_STRATEGY_PLUGINS=$project/.venv/mitogen
    export ANSIBLE_COLLECTIONS_PATH=$project/.collections:$project/.venv/collections ANSIBLE_COLLECTIONS_SCAN_SYS_PATH=false
  fi
}

lab_is_up() { [[ -n $(docker ps --quiet --filter label=kafka-estate=site 2>/dev/null) ]]; }
