# shellcheck shell=bash
# What the scripts in this folder share: messages, .env, and installing Debian packages. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root
# One place for what cargo builds, also where a global setting names another one.
export CARGO_TARGET_DIR=$root/target

# Messages go to standard error, so that `url=$(scripts/postgres url)` gets the URL alone.
step() { printf '\n==> %s\n' "$*" >&2; }
say() { printf '    %s\n' "$*" >&2; }
fail() {
  printf '\nerror: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

# What runs beside the rest says what it has to say when it has ended, in $scratch. beside NAME COMMAND…, then joined NAME; and
# end_beside when the rest ends.
declare -A beside
# shellcheck disable=SC2154 # whoever calls them has made $scratch
beside() {
  setsid "${@:2}" >"$scratch/$1.log" 2>&1 &
  beside[$1]=$!
}
# shellcheck disable=SC2154
joined() {
  local status=0
  wait "${beside[$1]}" || status=$?
  cat "$scratch/$1.log" >&2
  [ "$status" = 0 ] || fail "$1 failed" "What it says is above."
}
end_beside() { jobs -p | sed s/^/-/ | xargs -r kill -- 2>/dev/null || true; }

# Exports what .env sets, as the program does: what is already in the environment wins, even when it is empty. The database's
# address is had as DATABASE_URL afterwards, wherever it stands.
load_env() {
  read_env
  if [ -n "${DATABASE_URL_FILE:-}" ]; then
    [ -z "${DATABASE_URL:-}" ] || fail "DATABASE_URL and DATABASE_URL_FILE are both set" "Keep one of them, and take the other away."
    DATABASE_URL=$(cat -- "$DATABASE_URL_FILE") || fail "DATABASE_URL_FILE can't be read" "Name a file that holds what DATABASE_URL would be."
    export DATABASE_URL DATABASE_URL_FILE=''
  fi
}

read_env() {
  local line name value
  [ -f "$root/.env" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(.*)$ ]] || continue
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]%$'\r'}
    if [[ $value =~ ^\"([^\"]*)\" || $value =~ ^\'([^\']*)\' ]]; then
      value=${BASH_REMATCH[1]}
    else
      value=${value%%[[:space:]]#*}
      [[ $value != \#* ]] || value=
      value=${value%"${value##*[![:space:]]}"}
    fi
    [ -n "${!name+set}" ] || export "$name=$value"
  done <"$root/.env"
}

# use_database URL: this one, with one role for all, whatever .env says. Empty: the project's own cluster.
# Nothing else that .env may say leads out of it either: to another database, a webhook, a store, a feed.
use_database() {
  export DATABASE_URL=$1 DATABASE_URL_FILE='' DATABASE_OWNER_URL='' DATABASE_OWNER_URL_FILE=''
  export NUMWATCH_DATABASE_DIRECT_URL='' NUMWATCH_DATABASE_DIRECT_URL_FILE='' NUMWATCH_PAYLOADS_FILE='' EXTERNAL_API_URL_FILE=''
  export ALERT_WEBHOOK_URL='' ALERT_WEBHOOK_URL_FILE='' NUMWATCH_METRICS_ADDR=''
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "this needs root: $*" "Run it as root, or install sudo, then start again."
  fi
}

# apt_install PACKAGE…: reads the package lists again only when the install fails with those that are there.
apt_install() {
  command -v apt-get >/dev/null || fail "cannot install $*: this is not a Debian system" "Install it with your own package manager, then start again."
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120)
  say "installing $*"
  as_root "${apt[@]}" install -y --no-install-recommends "$@" >&2 && return
  say "that failed; reading the package lists again"
  as_root "${apt[@]}" update >&2 || true
  as_root "${apt[@]}" install -y --no-install-recommends "$@" >&2 ||
    fail "apt-get could not install $*" "Its messages are above. Mend what they say, then start again."
}

# apt_install_asleep PACKAGE: of a service only the program is wanted, which others start.
apt_install_asleep() {
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  apt_install "$1"
  [ -z "$ours" ] || as_root rm -f "$policy"
  if command -v systemctl >/dev/null; then as_root systemctl --quiet disable "$1" 2>/dev/null || true; fi
}

# The program that tests and measurements start.
export NUMWATCH_PROGRAM=${NUMWATCH_PROGRAM:-$root/target/release/numwatch}

# need_program: fails unless it is there.
need_program() {
  [ -x "$NUMWATCH_PROGRAM" ] || fail "$NUMWATCH_PROGRAM is missing" "Run make build, then start again."
}

# What `cargo clippy -- -D warnings` tells clippy. Who runs what was built so has to say the same, or it is built anew.
export STRICT_CLIPPY='-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__'

# Programs that the scripts need are kept once for a machine, not once for a clone.
programs=${XDG_CACHE_HOME:-${HOME:-$root/target}/.cache}/numwatch

# tool NAME VERSION: the path of one that cargo builds
tool() { echo "$programs/$1-$2/bin/$1"; }

# install_tool CRATE VERSION NAME: builds the program NAME of a crate, unless it is there. It runs for seconds, so that what
# counts is how soon it is built.
install_tool() {
  local program
  program=$(tool "$3" "$2")
  [ ! -x "$program" ] || return 0
  step "Building $3 $2 (about a minute, once for this machine)"
  env -u CARGO_TARGET_DIR CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
    CARGO_PROFILE_RELEASE_DEBUG=false \
    cargo install "$1" --version "$2" --locked --bin "$3" --root "${program%/bin/*}" ||
    fail "$3 $2 could not be built" "Cargo's messages are above. Mend what they say, then start again."
}

# Where sources and crates lie on this machine is nobody's business, and would make other machines' files differ.
cargo_home=${CARGO_HOME:-${HOME:-}/.cargo}
export REMAPPED="build.rustflags = [\"--remap-path-prefix=$root=/numwatch\", \"--remap-path-prefix=$cargo_home=/cargo\"]"

# The version of wasm-bindgen in Cargo.lock; its command line program must have the same one to the letter.
wasm_bindgen_version() {
  awk '$1 == "name" { found = $3 == "\"wasm-bindgen\"" } found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' "$root/Cargo.lock"
}

# The version of cargo-deny that reads deny.toml.
export CARGO_DENY_VERSION=0.20.2

# The browser of the tests: CHROMIUM, or the first one found. The one without windows is a fifth quicker.
chromium_program() {
  if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || fail "CHROMIUM=$CHROMIUM is not a program" "Set it to the path of a Chromium or Chrome, or leave it out."
    echo "$CHROMIUM"
    return
  fi
  local name
  for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" && return
  done
  return 1
}
