/**
 * Who is in the network, by options alone: names and roles. Ports and keys come later, so that the tree knows its children before
 * anything is made.
 */
export interface TorOptions {
  /** An existing folder: each node has one below it, with its keys. One that was used before is used again. */
  readonly folder: string;
  /** They vote on who is in the network. A vote needs three of them to be worth anything. */
  readonly authorities: number;
  /** Two of them are exits. */
  readonly relays: number;
  /** How long one is killed after another, in ms; 0: not at all. */
  readonly unrestMs: number;
  /** From one to the next, in ms. */
  readonly killEveryMs: number;
}

/** `lean`: a relay that keeps no directory for others, and is not entered by. It needs a fifth of the memory. */
export type Role = "authority" | "exit" | "relay" | "lean" | "client";

export interface Node {
  readonly name: string;
  readonly role: Role;
}

const exits = 2;
/** So many entries are enough: of the relays that keep a directory. */
const entriesMin = 4;
const entriesShare = 0.1;

const named = (count: number, name: string, roleOf: (index: number) => Role): readonly Node[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${name}${index}`, role: roleOf(index) }));

export const authoritiesOf = ({ authorities }: TorOptions): readonly Node[] =>
  named(authorities, "auth", () => "authority");

export function relaysOf({ relays }: TorOptions): readonly Node[] {
  const full = Math.max(entriesMin, Math.ceil(relays * entriesShare));
  return named(relays, "relay", (index) => (index < exits ? "exit" : index < full ? "relay" : "lean"));
}

export const client: Node = { name: "client", role: "client" };

export const nodesOf = (options: TorOptions): readonly Node[] => [
  ...authoritiesOf(options),
  ...relaysOf(options),
  client,
];
