import { doorError } from "./errors.ts";

/** The defaults with what was given instead, each a whole number that is not negative. Throws `DOOR_OPTION`. */
export function checkNumbers<T extends object>(door: string, defaults: T, given: Partial<T>): T {
  const known = Object.keys(defaults);
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name))
      throw doorError("DOOR_OPTION", {
        what: `limits.${name} of ${door}`,
        expected: `one of ${known.join(", ")}`,
        got: name,
      });
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw doorError("DOOR_OPTION", {
        what: `limits.${name} of ${door}`,
        expected: "a whole number, 0 or more",
        got: String(value),
      });
  }
  return { ...defaults, ...given };
}
