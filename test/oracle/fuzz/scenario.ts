import type { ChildSpec, OnShutdown, OracleEvent, StartPlan, SupSpec } from "../case.ts";
import { Chance } from "./chance.ts";

/** What is put to both supervisors: a tree, and what happens to it. */
export interface Scenario {
  readonly name: string;
  readonly spec: SupSpec;
  readonly events: readonly OracleEvent[];
}

const reasons = ["boom", "normal", "shutdown", "{shutdown,x}", "e1"] as const;
const depthMax = 2;
const eventsMax = 8;

/**
 * A random scenario. Left out is what OTP itself leaves open, or what depends on the real clock: restart windows of less than a
 * minute, waiting, more than one child that ends by itself, or one below another supervisor (its end is in no order with what that
 * one's parent does), or in a batch (it ends when its supervisor is idle, and it may be that between two messages); a restart of a simple_one_for_one child that is ignored (OTP 25 keeps an entry of nothing, 27 does not).
 */
export function scenario(seed: number): Scenario {
  return new Author(new Chance(seed)).write(`s${seed}`);
}

class Author {
  private readonly chance: Chance;
  /** Workers and instances, with the supervisor they belong to. */
  private readonly workers: { readonly id: string; readonly sup: string }[] = [];
  private readonly sups: string[] = [];
  private readonly pools = new Set<string>();
  private names = 0;
  private selfEnding = false;
  private batched = false;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  write(name: string): Scenario {
    const spec = this.sup("root", 0);
    const events = Array.from({ length: 1 + this.chance.number(eventsMax) }, () => this.event());
    return { name, spec, events };
  }

  private sup(id: string, depth: number): SupSpec {
    const { chance } = this;
    this.sups.push(id);
    const pool = chance.once(6);
    if (pool) this.pools.add(id);
    const strategy = pool ? "simple_one_for_one" : chance.pick("one_for_one", "one_for_all", "rest_for_one");
    const auto_shutdown =
      pool || !chance.once(4) ? "never" : chance.pick("any_significant", "all_significant");
    const count = pool ? 1 : chance.number(5);
    const significant = auto_shutdown !== "never";
    const children = Array.from({ length: count }, () => this.child(id, depth, significant, pool));
    return { id, strategy, intensity: chance.number(4), period: 3600, auto_shutdown, children };
  }

  private child(owner: string, depth: number, significant: boolean, template: boolean): ChildSpec {
    const { chance } = this;
    const id = `c${this.names++}`;
    const restart = chance.pick("permanent", "permanent", "transient", "temporary");
    const marked = significant && restart !== "permanent" && chance.once(2);
    const base = { id, restart, significant: marked };
    if (!template && depth < depthMax && chance.once(4)) {
      return { ...base, type: "supervisor", shutdown: "infinity", sup: this.sup(id, depth + 1) };
    }
    if (!template) this.workers.push({ id, sup: owner });
    const on_shutdown = this.onShutdown();
    return {
      ...base,
      type: "worker",
      shutdown: this.shutdown(on_shutdown),
      start: this.plan(owner, on_shutdown.mode === "exit"),
      on_shutdown,
    };
  }

  private onShutdown(): OnShutdown {
    const { chance } = this;
    if (chance.once(8)) return { mode: "hang" };
    if (!chance.once(4)) return { mode: "exit" };
    return { mode: "trap", reason: chance.pick(...reasons), delay: 0 };
  }

  private shutdown({ mode }: OnShutdown): number | string {
    const { chance } = this;
    // Whoever ignores it would hold up the case for as long.
    if (mode === "hang") return chance.pick<number | string>("brutal_kill", 15);
    return chance.once(6) ? "brutal_kill" : chance.pick<number | string>(5000, 5000, "infinity");
  }

  /** `mayEnd`: it may end by itself. One that traps exits may not: it would wait for its supervisor, and that one for it. */
  private plan(owner: string, mayEnd: boolean): StartPlan {
    const { chance } = this;
    if (chance.once(2)) return [{ result: "ok" }];
    return Array.from({ length: 1 + chance.number(3) }, (_, index) =>
      this.attempt(owner, index === 0, mayEnd && owner === "root"),
    );
  }

  private attempt(owner: string, first: boolean, mayEnd: boolean): StartPlan[number] {
    const { chance } = this;
    // A first attempt that fails ends the whole tree at once, which is seldom of interest.
    if (first ? !chance.once(12) : !chance.once(2)) return { result: "ok" };
    const kind = chance.pick("error", "ignore", "raise", "bad", "info", "then_exit");
    if (kind === "ignore") return first || !this.pools.has(owner) ? { result: "ignore" } : { result: "ok" };
    if (kind === "info") return { result: "ok", info: "extra" };
    if (kind === "then_exit" && mayEnd && !this.selfEnding && !this.batched && !first) {
      this.selfEnding = true;
      return { result: "ok", then_exit: "crash" };
    }
    return { result: kind === "then_exit" ? "error" : kind, reason: chance.pick("e1", "e2", "oops") };
  }

  private event(only?: string): OracleEvent {
    const { chance } = this;
    const sup = only ?? this.anySup();
    switch (chance.number(only === undefined ? 14 : 9)) {
      case 0:
      case 1:
      case 2:
        return { op: "exit", child: this.anyWorker(only), reason: chance.pick(...reasons) };
      case 3:
        return { op: "kill", child: this.anyWorker(only), reason: chance.once(8) ? "normal" : "kill" };
      case 4:
        return { op: "terminate_child", sup, child: this.anyChild() };
      case 5:
        return { op: "restart_child", sup, child: this.anyChild() };
      case 6:
        return { op: "delete_child", sup, child: this.anyChild() };
      case 7:
      case 8:
        return this.startChild(sup);
      case 9:
        return { op: chance.pick("which_children", "count_children"), sup };
      case 10:
        return { op: "send", sup, message: "hello" };
      case 11:
        return { op: "exit_sup", sup: "root", from: "parent", reason: chance.pick(...reasons) };
      case 12:
        return {
          op: "exit_sup",
          sup,
          from: chance.pick("stranger", "linked"),
          reason: chance.pick("boom", "shutdown", "normal"),
        };
      default:
        return this.selfEnding ? { op: "which_children", sup } : this.batch(sup);
    }
  }

  private startChild(sup: string): OracleEvent {
    if (this.pools.has(sup)) {
      const instance = `i${this.names++}`;
      this.workers.push({ id: instance, sup });
      return { op: "start_child", sup, instance, start: this.plan(sup, false) };
    }
    const spec = this.child(sup, depthMax, false, false);
    return { op: "start_child", sup, spec };
  }

  /**
   * Steps that leave one message each in the queue of this supervisor. Only its own children die in it: what another supervisor
   * does meanwhile would come in any order.
   */
  private batch(sup: string): OracleEvent {
    this.batched = true;
    const events = Array.from({ length: 2 + this.chance.number(2) }, () => this.event(sup));
    return { op: "batch", sup, events };
  }

  private anySup(): string {
    return this.sups[this.chance.number(this.sups.length)] ?? "root";
  }

  private anyWorker(only: string | undefined): string {
    const all = this.workers.filter(({ sup }) => only === undefined || sup === only);
    return all[this.chance.number(all.length || 1)]?.id ?? "nobody";
  }

  private anyChild(): string {
    const all = [...this.workers.map(({ id }) => id), ...this.sups.slice(1), "nobody"];
    return all[this.chance.number(all.length)] ?? "nobody";
  }
}
