/**
 * A WebAssembly module with its first table exported as `table`: the same bytes but for one entry in the section of exports. Looks at the
 * sections' headers and at nothing else. Throws if there is no section of exports.
 */
export function withTableExported(module: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = headerBytes;
  while (at < module.length) {
    const section = module[at];
    const [bytes, bodyAt] = unsigned(module, at + 1);
    if (section !== exportSection) {
      at = bodyAt + bytes;
      continue;
    }
    const [entries, entriesAt] = unsigned(module, bodyAt);
    const entry = [name.length, ...Buffer.from(name), tableKind, 0];
    const body = joined(encoded(entries + 1), entry, module.subarray(entriesAt, bodyAt + bytes));
    return withSection(module, at, body, bodyAt + bytes);
  }
  throw new Error("the module has no exports");
}

/** The module with another body in the section that begins at `at` and has ended before `end`. */
export const withSection = (
  module: Uint8Array,
  at: number,
  body: Uint8Array,
  end: number,
): Uint8Array<ArrayBuffer> =>
  joined(module.subarray(0, at + 1), encoded(body.length), body, module.subarray(end));

/** As memory is copied: an array of as many numbers would take a hundred times as long. */
export const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> =>
  Buffer.concat(parts.map((part) => Uint8Array.from(part)));

const name = "table";
/** Magic and version. */
export const headerBytes = 8;
const exportSection = 7;
const tableKind = 1;

/** LEB128: the number at `at`, and where it ends. */
export function unsigned(bytes: Uint8Array, at: number): readonly [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value >>> 0, at];
  }
}

export const encoded = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...encoded(value >>> 7)];
