import {
  find,
  type Host,
  type HostBootOptions,
  type HostOptions,
  type JoinOptions,
  type Membership,
  name,
  type Ref,
  type RunningVm,
} from "../../../src/index.ts";
import { BlackBox } from "../../transports/tcp/black-box.ts";
import { eventually } from "../eventually.ts";
import type { Boss } from "../fixtures/obedient.ts";
import type { Journal } from "../journal.ts";
import { Lab } from "../lab.ts";

export interface Joined {
  readonly host: Host;
  readonly journal: Journal;
  readonly membership: Membership;
}

/** Short times, so that tests need not wait: silence counts after 1.5 s. */
export const limits = { beatMs: 300, detectMs: 1500, helloTimeoutMs: 3000 };
export const redial = { firstMs: 20, maxMs: 200 };

/** Hosts in one process that are joined over the loopback. */
export class ClusterLab extends Lab {
  private readonly boxes: BlackBox[] = [];

  /** Listens, and dials those that are there already. */
  async joined(
    name: string,
    peers: readonly Joined[] = [],
    options: { readonly host?: HostOptions; readonly join?: Partial<JoinOptions> } = {},
  ): Promise<Joined> {
    const { host, journal } = this.host(options.host);
    const membership = await host.join({
      name,
      limits,
      redial,
      tcp: {
        listen: { host: "127.0.0.1", port: 0 },
        security: "plain",
        peers: Object.fromEntries(peers.map((peer) => [peer.membership.own.name, addressOf(peer)])),
      },
      ...options.join,
    });
    return { host, journal, membership };
  }

  /** Two that are linked by a wire that can be cut. */
  async boxed(
    join: Partial<JoinOptions> = {},
  ): Promise<{ readonly a: Joined; readonly b: Joined; readonly box: BlackBox }> {
    const a = await this.joined("a", [], { join });
    const box = await BlackBox.to(addressOf(a).port);
    this.boxes.push(box);
    const tcp = { security: "plain", peers: { a: { host: "127.0.0.1", port: box.port } } } as const;
    const b = await this.joined("b", [], { join: { tcp } });
    await linked(a, "b");
    await linked(b, "a");
    return { a, b, box };
  }

  override async close(): Promise<void> {
    await super.close();
    await Promise.all(this.boxes.splice(0).map((box) => box.close()));
  }

  /** Two that are linked with each other. */
  async pair(): Promise<readonly [Joined, Joined]> {
    const a = await this.joined("a");
    const b = await this.joined("b", [a]);
    await linked(a, "b");
    await linked(b, "a");
    return [a, b];
  }
}

export function addressOf({ membership }: Joined): { readonly host: string; readonly port: number } {
  if (membership.address === undefined) throw new Error("it listens");
  return membership.address;
}

export const linked = async ({ host }: Joined, name: string): Promise<void> => {
  await eventually(
    () => host.otherHosts.map((each) => each.name),
    (names) => names.includes(name),
  );
};

export const parted = async ({ host }: Joined, name: string): Promise<void> => {
  await eventually(
    () => host.otherHosts.map((each) => each.name),
    (names) => !names.includes(name),
  );
};

/** A VM of one host, as the other one finds it. */
export async function abroad(
  lab: ClusterLab,
  from: Joined,
  to: Joined,
  options: HostBootOptions = {},
): Promise<{ readonly vm: RunningVm<Boss>; readonly root: Ref<Boss> }> {
  const vm = await lab.boot(to.host, options);
  const text = `${to.membership.own.name} ${vm.vm}`;
  await to.host.self.call(vm.root, "announces", text);
  const other = from.host.otherHosts.find((each) => each.name === to.membership.own.name);
  const [root] = await find(from.host.self, name<Boss>(text), other?.ref);
  if (root === undefined) throw new Error(`${text} was announced`);
  return { vm, root };
}
