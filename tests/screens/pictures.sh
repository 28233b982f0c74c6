#!/bin/sh
# Pictures of the screens for the README, taken from the program: tests/screens/pictures.sh [FOLDER]
# Needs Xvfb, xterm, ImageMagick and a font with Chinese (fonts-noto-cjk); the tests do not.
set -eu
cd "$(dirname "$0")/../.."
for program in Xvfb xterm import tmux; do
    command -v "$program" >/dev/null || {
        echo "skipped: $program is not installed"
        exit 0
    }
done
exec python3 tests/screens/pictures.py "${1:-tests/screens/pictures}"
