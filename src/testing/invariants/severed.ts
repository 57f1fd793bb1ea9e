import type { Home, Kernel } from "../../../kernel/index.ts";
import type { Violated } from "./ledger.ts";

/**
 * Of a VM that is lost, or the way to it, nothing is left in the one that has just been told: no link, no monitor, and no call that
 * waits for an answer.
 */
export function checkSevered(name: string, kernel: Kernel, home: Home, violated: Violated): void {
  const bonds = Array.from(kernel.peers.boundTo(home)).length;
  const calls = Array.from(kernel.calls.values()).filter(({ callee }) => callee.home === home).length;
  if (bonds + calls === 0) return;
  violated("a loss is told", `${name} has lost a VM, and keeps ${bonds} bonds and ${calls} calls with it`);
}

/** Nobody waits for the answer of a VM that is no more. Holds whenever nothing is under way between VMs. */
export function checkCalls(
  name: string,
  kernel: Kernel,
  isThere: (home: Home) => boolean,
  violated: Violated,
): void {
  for (const { callee, op } of kernel.calls.values())
    if (!isThere(callee.home))
      violated("calls end", `${name} waits for the answer to ${op} of ${callee.toString()}, which is gone`);
}
