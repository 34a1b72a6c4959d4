#!/usr/bin/env bash
# Draws every icon from its SVG source. Needs rsvg-convert (librsvg2-bin), convert (imagemagick), optipng and python3.
# The results are committed, so building Earshot needs none of these.
set -euo pipefail
cd "$(dirname "$0")"

draw() { # source, size, result
  rsvg-convert --width "$2" --height "$2" --output "$3" "$1"
  # -nx: Tauri wants RGBA, so no smaller kind of PNG.
  optipng -quiet -nx -strip all "$3"
}

draw earshot.svg 32 32x32.png
draw earshot.svg 128 128x128.png
draw earshot.svg 256 128x128@2x.png
draw earshot.svg 512 icon.png

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
for size in 16 32 48 64 128 256 512; do draw earshot.svg "$size" "$work/$size.png"; done
convert "$work/16.png" "$work/32.png" "$work/48.png" "$work/64.png" "$work/256.png" icon.ico

# An .icns file is a header and PNG files, each with a four-letter name for its size.
python3 - "$work" icon.icns <<'PYTHON'
import struct, sys
work, result = sys.argv[1:]
parts = b""
for kind, size in ((b"ic11", 32), (b"ic12", 64), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512)):
    with open(f"{work}/{size}.png", "rb") as source:
        data = source.read()
    parts += kind + struct.pack(">I", len(data) + 8) + data
with open(result, "wb") as out:
    out.write(b"icns" + struct.pack(">I", len(parts) + 8) + parts)
PYTHON

# Trays show 16 to 24 points; 64 pixels is enough for a screen of double or triple density.
for source in tray/*.svg; do draw "$source" 64 "${source%.svg}.png"; done
