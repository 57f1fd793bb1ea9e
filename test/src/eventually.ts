/** Looks at a state that nobody announces until it is as said. Throws with what it was at the deadline. */
export async function eventually<T>(
  look: () => T | PromiseLike<T>,
  isSo: (state: T) => boolean,
  deadlineMs = 10_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const state = await look();
    if (isSo(state)) return state;
    if (performance.now() > end)
      throw new Error(`not so within ${deadlineMs} ms, but ${JSON.stringify(state)}`);
    await new Promise((done) => setTimeout(done, 2));
  }
}
