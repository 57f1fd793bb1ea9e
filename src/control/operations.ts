import { srcError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Operation } from "./server.ts";
import { type ReplaceOrder, Services } from "./services.ts";

/** Who a host is, for people. */
export interface HostAbout {
  readonly name: string;
  readonly pid: number;
  /** ms since 1970. */
  readonly startedAtMs: number;
  readonly vms: number;
}

/** What one host can be asked from outside, by its own user. */
export const hostOperations = (host: Host, name: string): Readonly<Record<string, Operation>> => {
  const startedAtMs = Date.now();
  const services = new Services(host);
  return {
    about: (): HostAbout => ({ name, pid: process.pid, startedAtMs, vms: host.running.length }),
    ps: () => host.running,
    services: () => services.list(),
    // Sound: `motes replace` asks for no other.
    replace: (order) => services.replace(order as ReplaceOrder),
    /** Answers with the reason when nothing of the VM is left. Throws `VM_UNKNOWN`. */
    kill: (vm) => {
      const { running } = host;
      const found = running.filter((each) => each.vm === vm || each.name === vm);
      const [one] = found;
      if (one === undefined || found.length > 1)
        throw srcError("VM_UNKNOWN", {
          vm: String(vm),
          known: running.map((each) => `${each.vm} (${each.name})`),
        });
      host.kill(one.vm);
      return one;
    },
  };
};
