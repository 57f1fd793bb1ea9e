/** The kinds of typed arrays, by their number on the wire: never reuse one. */
const kinds = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** Number of the kind of a typed array; a subclass (Node's `Buffer`) is what it extends. Undefined: no typed array. */
export function viewKindOf(value: object): number | undefined {
  if (value instanceof Uint8Array) return 0;
  const kind = kinds.findIndex((constructor) => value instanceof constructor);
  return kind < 0 ? undefined : kind;
}

/** A view of this kind over bytes of its own; undefined if there is no such kind, or the bytes do not come out even. */
export function viewOf(kind: number, bytes: Uint8Array<ArrayBuffer>): ArrayBufferView | undefined {
  const constructor = kinds[kind];
  if (constructor === undefined || bytes.length % constructor.BYTES_PER_ELEMENT !== 0) return undefined;
  // Short ones are part of V8's heap until somebody asks for their buffer, which takes many times as long as all the rest.
  return constructor === Uint8Array ? bytes : new constructor(bytes.buffer);
}
