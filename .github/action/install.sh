#!/usr/bin/env bash
# Puts the program into the folder $1, for action.yml: the archive that release.sha256
# has for this runner, if its hash is right, else a build of the source beside it.
#
# It runs by bash 3.2 of macOS and by that of Git for Windows. There, tar takes what
# stands before a colon for another machine, so that all names of files are relative.
set -euo pipefail

# fail MESSAGE ends the step with a note beside the run.
fail() {
	echo "::error title=speedgate::$1"
	exit 2
}

# platform prints OS_ARCH as archives are named, nothing if there can be none.
platform() {
	local os arch
	case "${RUNNER_OS:-}" in
	Linux) os=linux ;;
	macOS) os=darwin ;;
	Windows) os=windows ;;
	*) return ;;
	esac
	case "${RUNNER_ARCH:-}" in
	X64) arch=amd64 ;;
	ARM64) arch=arm64 ;;
	*) return ;;
	esac
	echo "${os}_$arch"
}

# sha256 FILE prints the hash of a file. macOS has no sha256sum.
sha256() {
	local line
	if command -v sha256sum >/dev/null; then
		line=$(sha256sum "$1")
	else
		line=$(shasum -a 256 "$1")
	fi
	echo "${line%% *}"
}

# download ADDRESS HASH NAME unpacks an archive into the working directory.
download() {
	local found
	echo "downloading $1/$3"
	curl --fail --silent --show-error --location --retry 3 --connect-timeout 20 --max-time 300 --output "$3" "$1/$3" ||
		fail "$1/$3 cannot be downloaded; the input binary takes a speedgate that is there already"
	found=$(sha256 "$3")
	if [ "$found" != "$2" ]; then
		rm -f "$3"
		fail "$1/$3 has the hash $found, not $2 as this revision of the action says; it was not run"
	fi
	tar -xzf "$3"
	rm -f "$3"
}

# build FOLDER builds from source. What the project under test sets for Go must not
# reach it.
build() {
	command -v go >/dev/null ||
		fail "this revision is no release for ${RUNNER_OS:-this system} ${RUNNER_ARCH:-}, and Go is not on the runner to build it: use a release, add actions/setup-go before this step, or give the input binary"
	echo "building from source"
	env -u GOOS -u GOARCH GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$1/" .
}

# main FOLDER takes an absolute path.
main() {
	local here address='' hash='' line name
	here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
	name=speedgate_$(platform).tar.gz
	while IFS= read -r line; do
		case "$line" in
		http*) address=$line ;;
		*"  $name") hash=${line%% *} ;;
		esac
	done <"$here/release.sha256"
	mkdir -p "$1"
	if [ -n "$hash" ]; then
		cd "$1"
		download "$address" "$hash" "$name"
	else
		cd "$here"
		build "$1"
	fi
}

main "$@"
