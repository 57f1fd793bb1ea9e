import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { actor, task, type Ref, type Wait } from "motes";
import type { PortLine } from "motes/port";
import { freePorts } from "./free-ports.ts";
import { authorityLine } from "./keys.ts";
import { nodesOf, type Node, type TorOptions } from "./nodes.ts";
import { torrc, type Placed } from "./torrc.ts";

const keysTimeoutMs = 60_000;

/** The files of the network: a folder for each node, with its keys and its `torrc`. Written before any node starts. */
export const state = actor({
  label: "state",
  init: function* (self, options: TorOptions, log: Ref<PortLine>): Generator<Wait<unknown>, State, unknown> {
    const nodes = yield* self.until(place(options, self.random()));
    const began = self.now();
    const lines = nodes
      .filter(({ role }) => role === "authority")
      .map((node) =>
        task(self, (own) => authorityLine(own, node, log), {
          timeoutMs: keysTimeoutMs,
          label: `keys of ${node.name}`,
        }),
      );
    const authorities: string[] = [];
    for (const line of lines) authorities.push(yield* line);
    const keysMs = self.now() - began;
    yield* self.until(configure(options.folder, nodes, authorities));
    return { nodes, keysMs, madeAtMs: self.now() };
  },
  call: { get: (made): State => made },
});

export interface State {
  readonly nodes: readonly Placed[];
  /** How long it took to make the keys. */
  readonly keysMs: number;
  /** From here on tors are started; on the clock of this VM. */
  readonly madeAtMs: number;
}

const torrcOf = (folder: string): string => join(folder, "torrc");
const folderOf = (folder: string, { name }: Node): string => join(folder, name);

/** How a node's tor is started: known before there is anything in its folder. */
export const torArgs = ({ folder }: TorOptions, node: Node): readonly string[] => [
  "--defaults-torrc",
  "/nonexistent",
  "--ignore-missing-torrc",
  "-f",
  torrcOf(folderOf(folder, node)),
];

async function place(options: TorOptions, random: number): Promise<readonly Placed[]> {
  const nodes = nodesOf(options);
  const ports = (await freePorts(2 * nodes.length, random)).values();
  const next = (has: boolean): number => (has ? (ports.next().value ?? 0) : 0);
  return nodes.map((node) => ({
    ...node,
    folder: folderOf(options.folder, node),
    orPort: next(node.role !== "client"),
    dirPort: next(node.role === "authority"),
    socksPort: next(node.role === "client"),
    controlPort: next(node.role === "client"),
  }));
}

async function configure(
  folder: string,
  nodes: readonly Placed[],
  authorities: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const resolvConf = join(folder, "resolv.conf");
  await writeFile(resolvConf, "nameserver 127.0.0.1\n");
  for (const node of nodes) {
    await mkdir(node.folder, { recursive: true, mode: 0o700 });
    await writeFile(torrcOf(node.folder), torrc(node, { authorities, resolvConf }, nodes));
  }
}
