/** What a lease asks, as a call of its store; it never rejects. */
import { isMotesError } from "../../kernel/index.ts";
import type { LeaseAnswer, LeaseRequest } from "./lease.ts";
import type { LeaseStore } from "./lease-store.ts";

export async function request(store: LeaseStore, key: string, asked: LeaseRequest): Promise<LeaseAnswer> {
  try {
    return await answerTo(store, key, asked);
  } catch (problem) {
    return { type: "failed", why: whyOf(problem) };
  }
}

async function answerTo(store: LeaseStore, key: string, asked: LeaseRequest): Promise<LeaseAnswer> {
  if (asked.op === "get") return { type: "entry", entry: await store.get(key) };
  if (asked.op === "create") return store.create(key, asked.value);
  if (asked.op === "update") return store.update(key, asked.value, asked.revision);
  return store.delete(key, asked.revision);
}

function whyOf(problem: unknown): string {
  if (isMotesError(problem, "LEASE_STORE")) {
    // Sound: these are the details that `clusterError` asks for.
    const { why } = problem.details as { readonly why: string };
    return why;
  }
  return problem instanceof Error ? problem.message : String(problem);
}
