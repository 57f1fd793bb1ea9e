import { fileURLToPath } from "node:url";
import {
  bundle,
  createHost,
  process as actorProcess,
  type Host,
  type HostBootOptions,
  type HostOptions,
  type Ref,
  type RunningVm,
  type Self,
} from "../../src/index.ts";
import type program from "./fixtures/obedient.ts";
import type { Boss, Seen } from "./fixtures/obedient.ts";
import { Journal } from "./journal.ts";

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

/** The hosts of one file of tests, and the image that most of their VMs run. */
export class Lab {
  private readonly hosts: Host[] = [];
  private image: ReturnType<typeof bundle<typeof program>> | undefined = undefined;

  obedient(): ReturnType<typeof bundle<typeof program>> {
    this.image ??= bundle<typeof program>(fixture("obedient"));
    return this.image;
  }

  host(options: HostOptions = {}): { readonly host: Host; readonly journal: Journal } {
    const journal = new Journal();
    const host = createHost({ log: journal, ...options });
    this.hosts.push(host);
    return { host, journal };
  }

  async boot(host: Host, options: HostBootOptions = {}): Promise<RunningVm<Boss>> {
    return host.boot(await this.obedient(), options);
  }

  boots(host: Host, count: number, options: HostBootOptions = {}): Promise<RunningVm<Boss>[]> {
    return Promise.all(
      Array.from({ length: count }, (_, n) => this.boot(host, { name: `vm-${n}`, ...options })),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.splice(0).map((host) => host.stop()));
  }
}

/** An actor of the host's own VM that is linked to another one, and monitors it: what it sees is added as it comes. */
export function witnessIn(host: Host, target: Ref<never>): readonly Seen[] {
  const seen: Seen[] = [];
  const watch = actorProcess(function* (self: Self<never>) {
    self.trapExits();
    self.link(target);
    self.monitor(target);
    for (;;) {
      const { type, reason } = yield* self.receive("exit", "down");
      seen.push({ how: type === "exit" ? "link" : "monitor", reason });
    }
  });
  host.self.spawn(watch);
  return seen;
}
