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
