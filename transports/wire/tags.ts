import { limits } from "../../kernel/index.ts";

/** The first byte of every value on the wire. 0x00-0x7f is the small integer itself. Numbers are the protocol's: never reuse one. */
export const tag = {
  /** 0x80-0xbf: a string of 0 to 63 Latin-1 characters. */
  shortText: 0x80,
  null: 0xc0,
  undefined: 0xc1,
  true: 0xc2,
  false: 0xc3,
  int32: 0xc4,
  float64: 0xc5,
  /** Length, then a byte a character. */
  latin1: 0xc6,
  /** Length in characters, then two bytes each: whatever JavaScript calls a string, lone surrogates too. */
  utf16: 0xc7,
  array: 0xc8,
  /** A learnt shape's id, then its values. */
  shaped: 0xc9,
  /** Teaches the next shape: number of keys, keys, constant; then its values. */
  newShape: 0xca,
  /** Number of keys, then keys and values: for objects used as dictionaries, and when no more shapes are learnt. */
  object: 0xcb,
  /** A ref into the sender's VM: serial. */
  refToSender: 0xcc,
  /** A ref into the receiver's VM: serial. */
  refToReceiver: 0xcd,
  /** A ref elsewhere: host (see `receiversHost`), VM, serial. */
  refElsewhere: 0xce,
  map: 0xcf,
  set: 0xd0,
  date: 0xd1,
  bigint: 0xd2,
  regexp: 0xd3,
  error: 0xd4,
  /** Kind of view, length in bytes, bytes. */
  view: 0xd5,
  arrayBuffer: 0xd6,
  /** Only within an array: an element that is not there. */
  hole: 0xd7,
} as const;

export const shortTextMax = 63;
/** Keys of one object that may be learnt; longer ones are dictionaries. */
export const shapeKeysMax = 32;
/** Characters of a key, a `type` or an operation that is learnt: what a peer makes us remember is bounded. */
export const learntTextMax = 63;
/** A pattern is compiled into much more than it is long. */
export const regexpCharactersMax = 16 * 1024;
/** The receiver's own host, in a ref elsewhere; the sender's own is the empty name. No host is called so. */
export const receiversHost = "@";

/** Objects, refs too, in one message: each takes memory that its bytes do not show. */
export const objectsMax: number = limits.messageBytesMax / 32;
