import { supervisorError } from "./errors.ts";

interface Needs {
  readonly needs: readonly string[];
}

/**
 * The order to start things in: each after all that it needs, else as they are given. Pure.
 * Throws `UNKNOWN_APPLICATION` for a need that is not there, `APPLICATION_CYCLE` with the ids of one circle.
 */
export function startOrder(given: Readonly<Record<string, Needs>>): readonly string[] {
  const order: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): void => {
    if (done.has(id)) return;
    if (path.includes(id)) {
      throw supervisorError("APPLICATION_CYCLE", { cycle: [...path.slice(path.indexOf(id)), id] });
    }
    path.push(id);
    for (const need of given[id]?.needs ?? []) {
      if (!Object.hasOwn(given, need)) throw supervisorError("UNKNOWN_APPLICATION", { id, need });
      visit(need);
    }
    path.pop();
    done.add(id);
    order.push(id);
  };
  for (const id of Object.keys(given)) visit(id);
  return order;
}
