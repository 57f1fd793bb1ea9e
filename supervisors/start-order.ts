import { declaredOf, type Declared, type StartType } from "./application.ts";
import { checkKeys, checkSpec, refused, type CheckedSpec } from "./check-spec.ts";
import { supervisorError } from "./errors.ts";

/**
 * Which applications are to be started, and in which order: each once, after all that it needs, else as they are given. Pure.
 * All is checked before anything starts; throws the codes of `errors.ts`.
 *
 * Semantics: OTP `application:ensure_all_started`.
 */
export interface Step {
  readonly name: string;
  readonly type: StartType;
  readonly spec: CheckedSpec;
  /** The names of those that it needs, all of them earlier in the order. */
  readonly needs: readonly string[];
}

export function startOrder(given: unknown): readonly Step[] {
  const order = new Order();
  for (const each of listOf("applications", given)) order.visit("applications", each);
  return order.steps;
}

class Order {
  readonly steps: Step[] = [];
  private readonly done = new Map<string, Declared>();
  /** From what was asked for down to what is looked at, each needing the next. */
  private readonly path: Declared[] = [];

  /** Depth first: what it needs, then itself. Answers with its name. */
  visit(what: string, value: unknown): string {
    const declared = declaredOf(value);
    if (declared === undefined) throw refused("INVALID_APPLICATION", what, "what application() made", value);
    const { path, done } = this;
    const { name } = declared;
    const known = done.get(name) ?? path.find((other) => other.name === name);
    if (known !== undefined && known !== declared)
      throw refused("DUPLICATE_APPLICATION", what, "a name of its own for every application", name);
    if (done.has(name)) return name;
    if (known !== undefined) {
      const cycle = [...path.slice(path.indexOf(declared)), declared].map((each) => each.name);
      throw supervisorError("APPLICATION_CYCLE", { cycle });
    }
    path.push(declared);
    const step = this.stepOf(declared);
    path.pop();
    done.set(name, declared);
    this.steps.push(step);
    return name;
  }

  private stepOf({ name, options, spec }: Declared): Step {
    const what = `applications.${name}`;
    if (typeof name !== "string" || name === "")
      throw refused("INVALID_APPLICATION", what, "a name that is a text", name);
    checkKeys(what, options, ["needs", "type", "shutdown"]);
    const { type = "permanent", needs = [] } = options;
    if (type !== "permanent" && type !== "transient" && type !== "temporary")
      throw refused("INVALID_START_TYPE", `${what}.type`, "permanent, transient or temporary", type);
    return {
      name,
      type,
      spec: checkSpec(what, spec, "never"),
      needs: listOf(`${what}.needs`, needs).map((need) => this.visit(`${what}.needs`, need)),
    };
  }
}

function listOf(what: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw refused("INVALID_APPLICATION", what, "a list of what application() made", value);
}
