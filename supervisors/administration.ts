import { isMotesError, refTo } from "../kernel/index.ts";
import { checkSpec, refused, type CheckedSpec } from "./check-spec.ts";
import type { ChildRecord } from "./child-record.ts";
import type { Refused, SpecErrorCode } from "./errors.ts";
import type {
  ChildCount,
  ChildInfo,
  Done,
  RestartChildResult,
  SpecRefused,
  StartChildResult,
} from "./protocol.ts";
import { answerOf } from "./start-answer.ts";
import type { Task } from "./start-child.ts";
import { StaticTree } from "./static-tree.ts";
import type { Answer } from "./tree.ts";

/**
 * The calls of a supervisor whose children have ids: start, terminate, restart, delete, which, count.
 * It decides what is answered; what is done to children is the tree's.
 *
 * Semantics: OTP `supervisor`, the functions of these names.
 */
export class AdministeredTree extends StaticTree {
  override *answer(op: string, [first, second]: readonly unknown[]): Task<Answer> {
    switch (op) {
      case "startChild":
        return yield* this.startChild(first, second);
      case "terminateChild":
        return yield* this.terminateChild(first);
      case "restartChild":
        return yield* this.restartChild(first);
      case "deleteChild":
        return this.deleteChild(first);
      case "whichChildren":
        return this.whichChildren();
      case "countChildren":
        return this.countChildren();
      case "children":
        return { ...this.firstRefs, ...this.refs() };
      default:
        return undefined;
    }
  }

  private *startChild(id: unknown, given: unknown): Task<StartChildResult<never>> {
    const spec = checkedOr(id, given, this.options.autoShutdown);
    if ("ok" in spec) return spec;
    const name = String(id);
    const known = this.table.get(name);
    if (known !== undefined) return present(known);
    const child = this.table.add(name, spec);
    const outcome = yield* this.start(child);
    if (outcome.type === "failed" || (outcome.type === "ignored" && child.restart === "temporary"))
      this.remove(child);
    return answerOf(child.ref, outcome);
  }

  private *terminateChild(id: unknown): Task<Done<"not_found">> {
    const child = this.find(id);
    if (child === undefined) return { ok: false, error: "not_found" };
    yield* this.terminate(child);
    return { ok: true };
  }

  private *restartChild(id: unknown): Task<RestartChildResult> {
    const child = this.find(id);
    if (child === undefined) return { ok: false, error: "not_found" };
    if (child.state !== "stopped") return { ok: false, error: child.state };
    return answerOf(child.ref, yield* this.start(child));
  }

  private deleteChild(id: unknown): Done<"not_found" | "running" | "restarting"> {
    const child = this.find(id);
    if (child === undefined) return { ok: false, error: "not_found" };
    if (child.state !== "stopped") return { ok: false, error: child.state };
    this.remove(child);
    return { ok: true };
  }

  private whichChildren(): readonly ChildInfo[] {
    return this.table
      .inOrder()
      .reverse()
      .map((child) => ({ id: child.id, ...child.info() }));
  }

  private countChildren(): ChildCount {
    const children = this.table.inOrder();
    const workers = children.filter(({ spec }) => spec.type === "worker").length;
    return {
      specs: children.length,
      active: children.filter((child) => child.isActive(this.cell)).length,
      supervisors: children.length - workers,
      workers,
    };
  }

  private find(id: unknown): ChildRecord | undefined {
    return typeof id === "string" ? this.table.get(id) : undefined;
  }
}

function present({ incarnation, ref }: ChildRecord): StartChildResult<never> {
  if (incarnation === null) return { ok: false, error: "already_present" };
  return { ok: false, error: "already_started", ref, incarnation: refTo<never>(incarnation.address) };
}

function checkedOr(id: unknown, given: unknown, autoShutdown: string): CheckedSpec | SpecRefused {
  try {
    if (typeof id !== "string") throw refused("INVALID_CHILD_SPEC", "startChild", "an id and a child", id);
    return checkSpec(id, given, autoShutdown);
  } catch (thrown) {
    if (!isMotesError(thrown)) throw thrown;
    // Sound: the check throws no others.
    const error = thrown.code.toLowerCase() as Lowercase<SpecErrorCode>;
    const { got } = thrown.details as Refused;
    return { ok: false, error, message: thrown.message, got };
  }
}
