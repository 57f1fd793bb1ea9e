import type { KernelEvent } from "./event.ts";
import type { Message } from "./message.ts";
import type { Address } from "./ref.ts";

/** Addresses remembered between two reports; more are counted together. */
const addressesMax = 64;

interface Lost {
  count: number;
  readonly example: string;
  readonly why: string;
}

/** Counts what reaches nobody and tells it once a turn and address, so that a flood of dead letters is no flood of reports. */
export class DeadLetters {
  total = 0;
  private readonly lost = new Map<string, Lost>();

  add(to: Address, message: Message, why: string, count = 1): void {
    this.total += count;
    const known = this.lost.get(to.toString());
    if (known !== undefined) {
      known.count += count;
      return;
    }
    const key = this.lost.size < addressesMax ? to.toString() : "others";
    const others = this.lost.get(key);
    if (others === undefined) this.lost.set(key, { count, example: describe(message), why });
    else others.count += count;
  }

  get waiting(): boolean {
    return this.lost.size > 0;
  }

  flush(report: (event: KernelEvent) => void): void {
    for (const [to, { count, example, why }] of this.lost)
      report({ type: "dead-letter", to, count, example, why });
    this.lost.clear();
  }
}

/** Its type, and the operation if it is one: never its contents, which may be secret. */
export function describe(message: Message): string {
  const { op } = message as { readonly op?: unknown };
  if (message.type === "$call") return `call ${String(op)}`;
  if (message.type === "$cast") return `cast ${String(op)}`;
  return message.type;
}
