import type { Cell, Ref } from "../kernel/index.ts";
import { ChildRecord } from "./child-record.ts";
import type { CheckedSpec } from "./check-spec.ts";
import { specOf, type Child, type Siblings } from "./child-spec.ts";
import { supervisorError } from "./errors.ts";
import type { Incarnation } from "./start-child.ts";

/**
 * The children of one supervisor in the order of their start, found by id and by the address of their incarnation.
 * Owns their stable addresses.
 */
export class ChildTable implements Siblings {
  private readonly cell: Cell;
  private readonly byId = new Map<string, ChildRecord>();
  private readonly byIncarnation = new Map<string, ChildRecord>();

  constructor(cell: Cell) {
    this.cell = cell;
  }

  /** At the end of the order. */
  add(id: string, spec: CheckedSpec): ChildRecord {
    const child = new ChildRecord(id, spec, this.cell.kernel.slot(this.cell));
    this.byId.set(id, child);
    return child;
  }

  get(id: string): ChildRecord | undefined {
    return this.byId.get(id);
  }

  at(incarnation: string): ChildRecord | undefined {
    return this.byIncarnation.get(incarnation);
  }

  inOrder(): ChildRecord[] {
    return [...this.byId.values()];
  }

  run(child: ChildRecord, incarnation: Incarnation, nowMs: number): void {
    child.runs(incarnation, nowMs);
    this.byIncarnation.set(incarnation.address.toString(), child);
  }

  end(child: ChildRecord, state: "restarting" | "stopped"): void {
    if (child.incarnation !== null) this.byIncarnation.delete(child.incarnation.address.toString());
    child.ends(state);
  }

  remove(child: ChildRecord): void {
    this.end(child, "stopped");
    this.byId.delete(child.id);
    if (child.slot !== null) this.cell.kernel.removeSlot(this.cell, child.slot);
  }

  /** Bound, so that `({ refOf }) => ...` works. */
  readonly refOf = <M>(wanted: Child<M>): Ref<M> => {
    const spec = specOf(wanted);
    const found = this.inOrder().filter((child) => child.spec.spec === spec);
    const [child] = found;
    if (child === undefined || found.length > 1) throw supervisorError("NO_SIBLING", { what: "refOf()" });
    // Sound: this very spec was made with a definition whose protocol is M.
    return child.ref as Ref<M>;
  };
}
