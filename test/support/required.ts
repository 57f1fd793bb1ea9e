import { test } from "vitest";

/**
 * A test that needs something from outside. Where that is missing it says `skipped: <why>`; with `MOTES_REQUIRE=all`, as in CI,
 * a skip is a failure.
 */
export function testWith(
  missing: string | undefined,
  name: string,
  body: () => Promise<void> | void,
  timeoutMs?: number,
): void {
  if (missing === undefined) return void test(name, body, timeoutMs);
  if (process.env["MOTES_REQUIRE"] === "all") {
    test(name, () => {
      throw new Error(`MOTES_REQUIRE=all, but ${missing}`);
    });
    return;
  }
  test.skip(`${name} (skipped: ${missing})`, body);
}

/** What is missing for a test that is left to CI, since `npm test` is to take three minutes. `takes`: `half a minute`. */
export const leftToCi = (missing: string | undefined, takes: string): string | undefined =>
  process.env["MOTES_REQUIRE"] === "all" ? missing : (missing ?? `takes ${takes}, set MOTES_REQUIRE=all`);
