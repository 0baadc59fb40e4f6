#!/bin/sh
# make_venv.sh PYTHON VENV: makes the virtual environment VENV, unless it stands already with that version of Python.
set -eu
python=$1
venv=$2
version='import sys; print("%d.%d" % sys.version_info[:2])'

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    found=$("$python" --version 2>/dev/null || echo "not there")
    echo "budsim_widgets needs Python 3.10 or newer; '$python' is ${found}." >&2
    echo "Install one, or name one that is there: make PYTHON=python3.12 lab" >&2
    exit 1
fi

wanted=$("$python" -c "$version")
standing=$("$venv/bin/python" -c "$version" 2>/dev/null || echo none)
[ "$wanted" != "$standing" ] || exit 0

# Debian leaves ensurepip out of its Python: it comes with the package python3-venv.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing python$wanted-venv"
        apt-get update -qq && apt-get install -y -qq "python$wanted-venv" >/dev/null
    else
        echo "'$python' can't make virtual environments. On Debian and Ubuntu: sudo apt-get install python$wanted-venv" >&2
        exit 1
    fi
fi

[ "$standing" = none ] || echo "$venv has Python $standing: making it anew with $wanted"
"$python" -m venv --clear "$venv"
