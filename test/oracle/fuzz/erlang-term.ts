import type { ChildSpec, OnShutdown, OracleEvent, StartPlan, SupSpec } from "../case.ts";
import type { Scenario } from "./scenario.ts";

/** A scenario as the Erlang term that the driver reads. */
export function scenarioTerm({ name, spec, events }: Scenario): string {
  return `#{name => "${name}", spec => ${supTerm(spec)}, events => [${events.map(eventTerm).join(",\n ")}]}.\n`;
}

function supTerm(sup: SupSpec): string {
  const { strategy, intensity, period, auto_shutdown, children } = sup;
  return `#{strategy => ${strategy}, intensity => ${intensity}, period => ${period}, auto_shutdown => ${auto_shutdown}, children => [${children.map(childTerm).join(",\n  ")}]}`;
}

function childTerm(child: ChildSpec): string {
  const { id, restart, significant, shutdown, sup, start = [], on_shutdown } = child;
  const base = `id => ${id}, restart => ${restart}, significant => ${significant}, shutdown => ${shutdown}`;
  if (sup !== undefined) return `#{${base}, sup => ${supTerm(sup)}}`;
  return `#{${base}, start => ${planTerm(start)}, on_shutdown => ${modeTerm(on_shutdown)}}`;
}

function planTerm(plan: StartPlan): string {
  return `[${plan.map(attemptTerm).join(",")}]`;
}

function attemptTerm({ result, reason, info, then_exit }: StartPlan[number]): string {
  if (then_exit !== undefined) return `{ok_then_exit,${then_exit}}`;
  if (info !== undefined) return `{ok,${info}}`;
  return reason === undefined ? result : `{${result},${reason}}`;
}

function modeTerm(on: OnShutdown | undefined): string {
  if (on === undefined || on.mode !== "trap") return on?.mode ?? "exit";
  return `{trap,${on.reason ?? "shutdown"}}`;
}

function eventTerm(event: OracleEvent): string {
  switch (event.op) {
    case "exit":
    case "kill":
      return `{${event.op},${event.child},${event.reason}}`;
    case "start_child":
      return event.instance === undefined
        ? `{start_child,${event.sup},${childTerm(event.spec)}}`
        : `{start_child,${event.sup},#{instance => ${event.instance}, start => ${planTerm(event.start)}}}`;
    case "start_child_raw":
      return `{start_child_raw,${event.sup},${event.term}}`;
    case "terminate_child":
    case "restart_child":
    case "delete_child":
      return `{${event.op},${event.sup},${event.child}}`;
    case "which_children":
    case "count_children":
      return `{${event.op},${event.sup}}`;
    case "exit_sup":
      return `{exit_sup,${event.sup},${event.from},${event.reason}}`;
    case "send":
      return `{send,${event.sup},${event.message}}`;
    case "align":
    case "advance":
      return `{${event.op},${event.ms}}`;
    case "batch":
      return `{batch,${event.sup},[${event.events.map(eventTerm).join(",")}]}`;
  }
}
