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
  local inventory=$project/inventories/${INVENTORY:-prod}
  [[ -f $inventory/hosts.yml ]] || fail "INVENTORY=$INVENTORY: there is no $inventory/hosts.yml. The lab has prod, kraft and secured."
  if grep -qs '^security_profile: secured' "$inventory/group_vars/all/main.yml"; then
    inventory=$(secured_copy "$inventory")
    export ANSIBLE_VAULT_PASSWORD_FILE=$cache/lab/vault-password
  fi
  export MOLECULE_SCENARIO_NAME=site
  export ANSIBLE_CONFIG=$project/ansible.cfg
  export ANSIBLE_INVENTORY=$inventory,$project/molecule/shared/inventory
  export ANSIBLE_DEPRECATION_WARNINGS=false
  # Seconds to start Python in a container on a busy machine.
  export ANSIBLE_TIMEOUT=120
  use_accelerators
}

# secured_copy INVENTORY: a copy for the lab, for a run makes keys, certificates and a file of passwords beside its inventory.
secured_copy() {
  local copy=$cache/lab/inventories/${1##*/}
  mkdir -p "$copy"
  cp -r "$1/." "$copy"
  ln -sfn "$project/examples" "$cache/lab/examples"
  [[ -s $cache/lab/vault-password ]] || (umask 077 && openssl rand -hex 24 >"$cache/lab/vault-password")
  printf '%s\n' "$copy"
}

# Everything works the same without them.
use_accelerators() {
  if [[ -d $project/.venv/mitogen && -d $project/.venv/collections ]]; then
    export ANSIBLE_STRATEGY=mitogen_linear ANSIBLE_STRATEGY_PLUGINS=$project/.venv/mitogen
    export ANSIBLE_COLLECTIONS_PATH=$project/.collections:$project/.venv/collections ANSIBLE_COLLECTIONS_SCAN_SYS_PATH=false
  fi
}

lab_is_up() { [[ -n $(docker ps --quiet --filter label=kafka-estate=site 2>/dev/null) ]]; }
