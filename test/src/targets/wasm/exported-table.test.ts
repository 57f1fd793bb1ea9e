import { describe, expect, test } from "vitest";
import { withTableExported } from "../../../../src/targets/wasm/exported-table.ts";

const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** One table for three functions. */
const tables = [4, 4, 1, 0x70, 0, 3];
/** One memory, exported as `m`. */
const memories = [5, 3, 1, 0, 1];
const exported = [7, 5, 1, 1, 0x6d, 2, 0];

describe("exported-table", () => {
  test("exported-table: what was exported still is, and the table is too", () => {
    const bytes = withTableExported(Uint8Array.from([...header, ...tables, ...memories, ...exported]));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    expect(Object.keys(exports).sort()).toEqual(["m", "table"]);
    expect((exports["table"] as { readonly length: number }).length).toBe(3);
  });

  test("exported-table: more than 127 bytes of exports", () => {
    const names = Array.from({ length: 60 }, (_, n) => [1, 0x30 + n, 2, 0]).flat();
    const many = [7, 0x80 | (241 & 0x7f), 241 >> 7, 60, ...names];
    const bytes = withTableExported(Uint8Array.from([...header, ...tables, ...memories, ...many]));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    expect(Object.keys(exports)).toHaveLength(61);
  });

  test("exported-table: a module without exports is refused", () => {
    expect(() => withTableExported(Uint8Array.from([...header, ...tables]))).toThrow(/no exports/);
  });
});
