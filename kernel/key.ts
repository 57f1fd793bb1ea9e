/**
 * Keys: what a program is configured with when its image is built. They are declared as the exports of a module whose name ends in
 * .keys.ts; a build puts constants in its place. Where a program runs without having been built (in a test, say), a key is its default.
 */
import { kernelError } from "./error-table.ts";

/** `doc` is shown by `motes describe`. Without a default the key must be given: `--key name=value`. */
export const key = {
  number: (value?: number, doc?: string): number => given("number", value, doc),
  string: (value?: string, doc?: string): string => given("string", value, doc),
  boolean: (value?: boolean, doc?: string): boolean => given("boolean", value, doc),
};

function given<T>(type: string, value: T | undefined, doc: string | undefined): T {
  if (value !== undefined) return value;
  throw kernelError("BAD_OPTION", {
    what: `key.${type}()${doc === undefined ? "" : ` (${doc})`} outside an image`,
    expected: "a default, or a value by --key",
    got: "nothing",
  });
}
