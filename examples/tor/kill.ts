/** As the machine does that runs out of memory. */
export function kill(pid: number): void {
  process.kill(pid, "SIGKILL");
}
