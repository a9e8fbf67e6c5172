#!/usr/bin/env bash
# Debian packages that the tests use: tesseract reads scanned pages, chromium shows the page, poppler reads pages anew,
# strace records what is written.
set -euo pipefail
packages=(tesseract-ocr chromium poppler-utils strace)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "The tests need ${missing[*]}; install it as your system does (Debian: sudo apt-get install ${missing[*]})." >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" tesseract-ocr-eng
