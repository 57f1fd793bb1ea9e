import { defineErrors, type MakeError } from "../../kernel/index.ts";

/** What a door refuses: code to text. Each code has a line in `docs/errors.md`. */
const table = {
  DOOR_OPTION: (d: { what: string; expected: string; got: string }) =>
    `${d.what}: expected ${d.expected}, got ${d.got}.`,
  DOOR_NO_SERVICE: (d: { door: string }) =>
    `${d.door} leads nowhere. Give it an actor in to, or some by name in names.`,
  DOOR_PORT_TAKEN: (d: { host: string; port: number }) =>
    `another program listens on ${d.host}:${d.port}. Stop it, or choose another port; port 0 takes any free one, and the call "address" tells which.`,
  DOOR_NOT_LISTENING: (d: { host: string; port: number; why: string }) =>
    `cannot listen on ${d.host}:${d.port}: ${d.why}.`,
  DOOR_TLS: (d: { name: string; why: string }) =>
    `the certificate or key for ${d.name} is not usable: ${d.why}. Give both as PEM texts that belong together.`,
  EXCHANGE_BEGUN: (d: { what: string }) =>
    `${d.what}: the answer has begun already. Begin it once, write its parts, then answer "streamed".`,
  EXCHANGE_NOT_BEGUN: (d: { what: string }) => `${d.what}: the answer has not begun. Tell its status first.`,
};

export const doorError: MakeError<typeof table> = defineErrors(table);
