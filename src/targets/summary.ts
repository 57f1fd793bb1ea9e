import { asSealed, type Device } from "../../kernel/index.ts";

/** What a program says of itself once it is loaded. */
export interface Summary {
  readonly entry: string;
  readonly entries: readonly string[];
  /** Of each of its unikernels. */
  readonly needs: Readonly<Record<string, readonly Device[]>>;
  /** Of all its unikernels together. */
  readonly devices: readonly Device[];
}

/** For the toolstack's question, in a thread of its own. Undefined: the default export is no unikernel. */
export function summaryOf(program: unknown): Summary | undefined {
  const sealed = asSealed(program);
  if (sealed === undefined) return undefined;
  const devices = [...sealed.entries.values()].flatMap((unikernel) => unikernel.devices);
  return {
    entry: sealed.name,
    entries: [...sealed.entries.keys()],
    needs: Object.fromEntries(
      [...sealed.entries].map(([name, unikernel]) => [name, [...new Set(unikernel.devices)].sort()]),
    ),
    devices: [...new Set(devices)].sort(),
  };
}
