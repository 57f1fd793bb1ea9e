import { Address } from "../../kernel/index.ts";

/** Of what has to come, in ms: far more than it takes, since a machine may have other things to do. Half of what a test has. */
export const patienceMs = 30_000;

/**
 * Looks at a state that nobody announces until it is as said. Throws with what it was at the deadline, which is put off as long as the
 * state changes: a busy machine is slow, and what stands still is broken.
 */
export async function eventually<T>(
  look: () => T | PromiseLike<T>,
  isSo: (state: T) => boolean,
  deadlineMs = patienceMs,
): Promise<T> {
  let last = "";
  let changedMs = 0;
  for (;;) {
    const state = await look();
    if (isSo(state)) return state;
    const seen = JSON.stringify(state, asText) ?? "undefined";
    const nowMs = performance.now();
    if (seen !== last) {
      last = seen;
      changedMs = nowMs;
    } else if (nowMs - changedMs > deadlineMs)
      throw new Error(`not so, nor other, for ${deadlineMs} ms: ${seen}`);
    await new Promise((done) => setTimeout(done, 2));
  }
}

/** An address is what it prints as: its inner state is of its kernel, in a circle, and changes on its own. */
const asText = (_key: string, value: unknown): unknown => (value instanceof Address ? String(value) : value);
