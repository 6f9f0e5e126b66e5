#!/usr/bin/env bash
# Runs uv; where there is none, puts one into .tools first (by pip, which needs no virtual environment for that).
set -euo pipefail
top="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# The certificates that this machine trusts count, as they do for pip: a network may have its own authority.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
if command -v uv >/dev/null 2>&1; then
  exec uv "$@"
fi
if [ ! -x "$top/.tools/bin/uv" ]; then
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target "$top/.tools" --upgrade 'uv>=0.9' >&2
fi
exec "$top/.tools/bin/uv" "$@"
