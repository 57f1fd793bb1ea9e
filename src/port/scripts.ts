/**
 * The two shell scripts around a port's command, in POSIX sh, so that they need nothing that is not everywhere. Together they see to
 * it that no process is left: the command does not run before its guard knows it, and the guard outlives whoever had started both.
 */

/**
 * Holds one process group for as long as its standard input is open. The first line is the group, each other one the name of a
 * signal for it. The end of input, which is also the end of the one who held the pipe, kills the group.
 */
export const guardScript: string = `trap '' HUP INT QUIT TERM PIPE
IFS= read -r group || exit 0
echo held
while IFS= read -r signal; do kill -s "$signal" -- "-$group" 2>/dev/null; done
kill -s KILL -- "-$group" 2>/dev/null`;

/**
 * Becomes the command: waits for a line on descriptor 3, looks whether the command can be run, sets its limits, and is replaced by
 * it. What it refuses, it says on descriptor 3 in one line; that one ends without a line when the command runs.
 * Arguments: the folder; KiB of memory, seconds of CPU, open files (each empty for no limit); a PATH, empty if the environment has
 * one; variables to take out of the environment; the command, its arguments.
 */
export const startScript: string = `IFS= read -r go <&3 || exit 125
refuse() { echo "$1" >&3; exit 125; }
cwd=$1 memory=$2 cpu=$3 files=$4
[ -z "$5" ] || PATH=$5
cd -- "$cwd" 2>/dev/null || refuse cwd
unset $6
shift 6
set -f
found=
case $1 in
*/*) paths=$1 ;;
*) paths= IFS=:; for folder in $PATH; do paths="$paths:\${folder:-.}/$1"; done ;;
esac
IFS=:
for path in $paths; do
  if [ -f "$path" ]; then if [ -x "$path" ]; then found=yes; break; else found=no; fi; fi
done
[ "$found" = yes ] || refuse "\${found:-nothing}"
[ -z "$files" ] || ulimit -n "$files" 2>/dev/null || refuse openFiles
[ -z "$cpu" ] || { ulimit -S -t "$cpu" && ulimit -H -t $((cpu + 1)); } 2>/dev/null || refuse cpuSeconds
[ -z "$memory" ] || ulimit -v "$memory" 2>/dev/null || refuse memoryMb
exec "$@" 3>&-`;

/** What shells, and Node with its permission model or for its coverage, put into an environment on their own. */
export const addedVariables: readonly string[] = [
  "PWD",
  "OLDPWD",
  "SHLVL",
  "NODE_OPTIONS",
  "NODE_V8_COVERAGE",
];

/** Where a command is looked for if its environment names no PATH. It is not given to the command. */
export const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
