/** A cluster in the simulator: some VMs that all want to run the one actor of a name, a keeper of leases in another, and what it acts on. */
import { process, unikernel, type Self, type Wait } from "../../../kernel/index.ts";
import { supervisor, vm } from "../../../supervisors/index.ts";
import { elected, leaseKeeper, MemoryLeases, type Term } from "../../../src/cluster/index.ts";

/** What the actors act on: outside of all VMs, at the very moment of the act. */
export class Journal {
  readonly tokens: number[] = [];
  readonly wrong: string[] = [];
  acts = 0;
  /** Acts that came after one with a greater token. */
  stale = 0;
  private by = "";

  act(token: number, by: string): void {
    this.acts++;
    const greatest = this.tokens.at(-1) ?? 0;
    if (token < greatest) {
      this.stale++;
      return;
    }
    if (token === greatest && by !== this.by) this.wrong.push(`${by} and ${this.by} acted with ${token}`);
    if (token > greatest) this.tokens.push(token);
    this.by = by;
  }
}

export const ttlMs = 1000;

export function town(journal: Journal, rivals = 3) {
  const leases = new MemoryLeases();

  const actor = process(
    function* (self: Self<never>, term: Term): Generator<Wait<unknown>, void, unknown> {
      self.trapExits();
      for (;;) {
        if (term.holds) journal.act(term.token, self.ref.toString());
        const exit = yield* self.receive({ exit: true }, 5 + self.random() * 20);
        // Half of them take their time to end, and are killed.
        if (exit !== undefined && self.random() < 0.5) return;
      }
    },
    { label: "actor" },
  );

  const keeper = unikernel({ name: "keeper", root: leaseKeeper(() => leases.open()) });
  const rival = unikernel({ name: "rival", root: elected(actor, { name: "it", ttlMs, stopMs: 200 }) });
  const kept = vm(keeper, []);
  const root = supervisor({
    label: "town",
    intensity: { restarts: 10_000, withinMs: 1000 },
    children: [
      ["keeper", kept],
      ...Array.from({ length: rivals }, (_, index) => {
        const made = vm(rival, ({ refOf }) => [refOf(kept)]);
        return [`rival-${index}`, made] as const;
      }),
    ],
  });
  return unikernel({ name: "town", root, vms: [keeper, rival] });
}
