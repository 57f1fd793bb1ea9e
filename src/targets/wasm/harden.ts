/**
 * Freezes what VMs of one realm share: all that JavaScript comes with, and whatever else can be reached from it or from what is given. What
 * could be changed all the same goes. From here on nobody changes a thing for somebody else; a program that counts on changing
 * what JavaScript comes with finds that it cannot.
 */
export function harden(given: readonly unknown[]): void {
  // State behind accessors, which freezing would not reach; and call-backs that come in another one's turn.
  for (const name of ["prepareStackTrace", "stackTraceLimit"]) Reflect.deleteProperty(Error, name);
  Reflect.deleteProperty(globalThis, "FinalizationRegistry");
  const kept: unknown[] = [];
  for (const prototype of [Object.prototype, Function.prototype, ...errors().map((each) => each.prototype)])
    for (const key of overridden) kept.push(keepAssignable(prototype, key));
  freeze(reached([globalThis, ...hidden(), ...kept, ...given]));
}

/** What programs put on their own objects by assignment, which a frozen prototype would refuse. */
const overridden = [
  "constructor",
  "toString",
  "toLocaleString",
  "valueOf",
  "name",
  "message",
  "hasOwnProperty",
];

const errors = (): readonly { readonly prototype: object }[] => [
  Error,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
];

/** Prototypes that have no name. */
function hidden(): readonly unknown[] {
  const samples: readonly unknown[] = [
    function* () {},
    async () => {},
    async function* () {},
    (function* () {})(),
    (async function* () {})(),
    [][Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    ""[Symbol.iterator](),
    "".matchAll(/./g),
    new Uint8Array(0),
    ...iterators(),
  ];
  return samples.map((sample) => Object.getPrototypeOf(sample) as unknown);
}

type MakeIterator = (one: unknown) => object;

/** Those that ES2025 and later have, where they are there. */
function iterators(): readonly object[] {
  const { Iterator } = globalThis as { readonly Iterator?: Readonly<Record<string, MakeIterator>> };
  const values = [][Symbol.iterator]() as { readonly map?: MakeIterator };
  return [
    values.map?.(() => {}),
    Iterator?.["from"]?.({ next: () => ({ done: true, value: undefined }) }),
    Iterator?.["concat"]?.([]),
  ].filter((made) => made !== undefined);
}

/** What is there, which nothing but its accessor holds from now on. */
function keepAssignable(prototype: object, key: string): unknown {
  const found = Object.getOwnPropertyDescriptor(prototype, key);
  if (found === undefined || !("value" in found) || found.configurable !== true) return undefined;
  const value: unknown = found.value;
  Object.defineProperty(prototype, key, {
    get: () => value,
    set(this: unknown, given: unknown) {
      if (this === prototype) throw new TypeError(`${key} cannot be assigned: it is shared`);
      Object.defineProperty(this, key, {
        value: given,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    },
    configurable: true,
    enumerable: found.enumerable === true,
  });
  return value;
}

function reached(roots: readonly unknown[]): ReadonlySet<object> {
  const seen = new Set<object>();
  const ahead = [...roots];
  while (ahead.length > 0) {
    const next = ahead.pop();
    if ((typeof next !== "object" && typeof next !== "function") || next === null || seen.has(next)) continue;
    seen.add(next);
    ahead.push(Object.getPrototypeOf(next));
    for (const { value, get, set } of Object.values(Object.getOwnPropertyDescriptors(next)))
      ahead.push(value, get, set);
    for (const symbol of Object.getOwnPropertySymbols(next)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(next, symbol) ?? {};
      ahead.push(value, get, set);
    }
  }
  return seen;
}

function freeze(objects: ReadonlySet<object>): void {
  for (const each of objects) Object.freeze(each);
}
