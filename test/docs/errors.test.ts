import { expect, test } from "vitest";
import { limits } from "../../kernel/index.ts";
import { read, table, unquoted } from "./markdown.ts";
import { layers } from "../tidy/source.ts";

/** The table of each layer, and the sections of docs/errors.md that tell of its codes. */
const tables = [
  ["kernel/error-table.ts", "Actors and calls"],
  ["supervisors/errors.ts", "Supervisors"],
  ["transports/wire/errors.ts", "Messages between VMs"],
  ["transports/errors.ts", "Rings"],
  ["transports/host-link/errors.ts", "Links between hosts"],
  ["src/errors.ts", "Host and command line"],
  ["src/door/errors.ts", "Front doors"],
  ["src/testing/errors.ts", "Simulations"],
  ["src/port/errors.ts", "Ports"],
  ["src/cloud/errors.ts", "Clouds"],
  ["src/cluster/errors.ts", "Leases and groups"],
] as const;

const codesOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/^ {2}([A-Z]+(?:_[A-Z]+)*): /gm)].map(([, code = ""]) => code);

const told = (heading: string): readonly string[] =>
  table("docs/errors.md", heading).map(([code = ""]) => unquoted(code));

test.each(tables)("errors: docs/errors.md tells of each code of %s, and of no other", (path, heading) => {
  expect(codesOf(path).length).toBeGreaterThan(1);
  expect([...told(heading)].sort()).toEqual([...codesOf(path)].sort());
});

test("errors: docs/errors.md tells of each code that stands in an exit reason only", () => {
  const thrown = tables.flatMap(([path]) => codesOf(path));
  const written = layers.flatMap(({ text }) => [
    ...text.matchAll(/\b(?:code: |MotesError\()"([A-Z]+(?:_[A-Z]+)*)"/g),
  ]);
  const codes = new Set(written.map(([, code = ""]) => code).filter((code) => !thrown.includes(code)));
  expect([...told("Codes in exit reasons")].sort()).toEqual([...codes].sort());
});

/** Codes whose thrower is still to come: a program that throws while it is loaded is a `VM_START_FAILED` today. */
const unusedYet: readonly string[] = [];

test("errors: every code of a table is used", () => {
  for (const [path] of tables) {
    const others = layers.filter((source) => source.path !== path);
    const unused = codesOf(path).filter(
      (code) => !unusedYet.includes(code) && !others.some(({ text }) => text.includes(`"${code}"`)),
    );
    expect(unused, path).toEqual([]);
  }
});

test("docs/semantics.md: its figures are those of the limits", () => {
  const page = read("docs/semantics.md");
  expect(page).toContain(`${limits.messagesPerActivation} messages at the most`);
  expect(page).toContain(`above ${limits.linkQueueBytesSoft / 2 ** 20} MiB that waits`);
  expect(page).toContain(`above ${limits.linkQueueBytesMax / 2 ** 20} MiB the send throws`);
  expect(read("docs/errors.md")).toContain(`(${limits.callTimeoutMs / 1000} s by default)`);
});
