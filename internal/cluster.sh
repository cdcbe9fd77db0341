#!/bin/sh
# Start four machines of a cluster on this one, and stop them together.
#
#   internal/cluster.sh PROGRAM FOLDER
set -eu
ii=$1 dir=$2
[ -e "$dir/node0/node.toml" ] || "$ii" cluster init --validators 4 --dir "$dir"
pids=
trap 'trap - INT TERM; kill $pids 2>/dev/null; wait' INT TERM
for home in "$dir"/node*; do
	"$ii" node --home "$home" &
	pids="$pids $!"
done
wait
