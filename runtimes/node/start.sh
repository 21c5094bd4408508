# The wire moves to descriptors 3 and 4: what a function or its child processes print on 1 and 2 goes to the
# container's stderr. The shell stays: as process 1 it collects orphans, and signals can end the Node beside it. What
# it has to say of that end itself goes nowhere: the exit code tells it.
exec 3<&0 4>&1 5>&2 0</dev/null 1>&2 2>/dev/null
file=${TMPDIR:-/tmp}/faas-$$
set -C
printf %s "$1" >"$file.cjs" || exit 1

# V8's heap is bounded when it starts: so that garbage is collected before the container is full. Without the setting
# of malloc, large buffers that were freed stay with the process: there is no room for twice of them.
run() {
  semi=$(($1 / 16))
  if [ "$semi" -gt 32 ]; then semi=32; elif [ "$semi" -lt 1 ]; then semi=1; fi
  (MALLOC_MMAP_THRESHOLD_=1048576 exec node --max-old-space-size=$(($1 * 4 / 5)) --max-semi-space-size="$semi" "$2" "$1" "$file" 2>&5 5>&-)
}

bytes=
read -r bytes </sys/fs/cgroup/memory.max || read -r bytes </sys/fs/cgroup/memory/memory.limit_in_bytes
case $bytes in
'' | *[!0-9]* | ??????????????*) mb=128 ;;
*) mb=$((bytes / 1048576)) ;;
esac
run "$mb" "$file.cjs"
code=$?

# The function that this container became has another limit: once more, with a heap for that.
if [ -f "$file.again" ]; then
  read -r mb <"$file.again"
  run "$mb" "$file.again.cjs"
  code=$?
fi
exit "$code"
