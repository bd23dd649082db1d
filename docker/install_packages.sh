#!/bin/sh
# Runs in the image's build stage only. Without an argument: installs requirements.lock into /opt/venv and leaves out what
# no process reads. With the argument "runtime": installs kf_airflow_runtime into /opt/runtime.
set -eu

uv=/build/tools/bin/uv
python=/opt/venv/bin/python
export UV_NO_CACHE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never

if [ "${1:-}" = runtime ]; then
    "$uv" pip install --quiet --python /build/tools/bin/python --no-deps --no-build-isolation --offline \
        --prefix /opt/runtime /build/runtime
    # The scripts are made for the interpreter that installs them; the image has only the other one.
    sed -i '1s|.*|#!/opt/venv/bin/python|' /opt/runtime/bin/*
    "$python" -m compileall -q --invalidation-mode unchecked-hash /opt/runtime/lib
    exit 0
fi

if [ -n "${CA_BUNDLE_PATH:-}" ]; then
    bundle=/build/$(basename "$CA_BUNDLE_PATH")
    if [ ! -f "$bundle" ]; then
        echo "CA_BUNDLE_PATH=$CA_BUNDLE_PATH is not in the build context: only build/image/ca.pem can be." >&2
        exit 1
    fi
    export SSL_CERT_FILE="$bundle" PIP_CERT="$bundle"
fi

python3 -m venv /build/tools
/build/tools/bin/pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes \
    --requirement /build/build-requirements.lock
"$uv" venv --quiet --python /usr/bin/python3 /opt/venv
"$uv" pip install --quiet --python "$python" --require-hashes --requirement /build/requirements.lock

site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# Tests of packages, and what only a C compiler or a browser's debugger reads.
find "$site" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
find "$site" -type f \( -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.map' \) \
    -delete
# Symbols for debuggers, as Debian leaves them out of its own libraries. Not in *.libs: those were edited when their wheels
# were made, and strip may break such a file. Then each must still load.
find "$site" -type f -name '*.so*' ! -path '*.libs/*' -exec strip --strip-unneeded {} +
find "$site" -type f -name '*.so*' ! -path '*.libs/*' -print0 | xargs -0 "$python" -c '
import ctypes, sys
for path in sys.argv[1:]:
    ctypes.CDLL(path)'
# The files never change after this, so Python need not look at their times (a copy between stages may alter them).
"$python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$site"
