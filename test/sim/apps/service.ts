/**
 * Writers in VMs of their own number what they send to one service, by `send`, `cast` and `call` in turn. The ledger behind it
 * refuses what is not the next number of its writer: as long as its state goes on, over however many VMs, nothing may be lost,
 * doubled or out of order. A ledger whose state was lost with its VM begins with whatever comes first.
 */
import {
  actor,
  type AnyUnikernel,
  process,
  unikernel,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import {
  child,
  replace,
  service,
  supervisor,
  vm,
  type ReplaceResult,
  type ServiceProtocol,
  type Siblings,
} from "../../../supervisors/index.ts";

interface Numbered {
  readonly type: "numbered";
  readonly writer: string;
  readonly n: number;
}

class Disorder extends Error {
  override name = "Disorder";
}

const ledger = actor({
  label: "ledger",
  init: () => ({ last: new Map<string, number>(), lives: 1 }),
  call: {
    ask({ last }, writer: string, n: number) {
      follow(last, writer, n);
      return n;
    },
    lives: ({ lives }) => lives,
  },
  cast: {
    tell({ last }, writer: string, n: number) {
      follow(last, writer, n);
    },
  },
  info: {
    numbered({ last }, { writer, n }: Numbered) {
      follow(last, writer, n);
    },
  },
  version: 3,
  *handoff({ last, lives }) {
    yield { lives };
    for (const [writer, n] of last) yield { writer, n };
  },
  adopt(state, chunk, fromVersion) {
    if (fromVersion !== 3) throw new Disorder(`version ${fromVersion}`);
    if ("lives" in chunk) state.lives = chunk.lives + 1;
    else state.last.set(chunk.writer, chunk.n);
  },
});

function follow(last: Map<string, number>, writer: string, n: number): void {
  const before = last.get(writer);
  if (before !== undefined && n !== before + 1) throw new Disorder(`${n} of ${writer} after ${before}`);
  last.set(writer, n);
}

export type LedgerProtocol = ProtocolOf<typeof ledger>;

export const ledgerVm = unikernel({ name: "ledger", root: ledger });

export interface Written {
  readonly type: "written";
  readonly count: number;
  readonly failed: number;
}

const writer = process(
  function* (
    self: Self<never>,
    to: Ref<LedgerProtocol>,
    count: number,
    done: Ref<Written>,
  ): Generator<Wait<unknown>, void, unknown> {
    let name = self.ref.toString();
    let failed = 0;
    for (let n = 1; n <= count; n++) {
      const how = Math.floor(self.random() * 3);
      if (how === 0) self.cast(to, "tell", name, n);
      else if (how === 1) {
        try {
          yield* self.callWithin(Infinity, to, "ask", name, n);
        } catch {
          // Whether it was taken nobody can say: it begins anew, under another name.
          name = `${self.ref.toString()} after ${++failed} failures`;
        }
      } else self.send(to, { type: "numbered", writer: name, n });
      if (self.random() < 0.3) yield* self.sleep(self.random() * 20);
    }
    try {
      yield* self.callWithin(Infinity, to, "lives");
    } catch {
      // It died with the VM that was to answer: what was sent before is over, too.
    }
    self.send(done, { type: "written", count, failed });
    for (;;) yield* self.receive("exit");
  },
  { label: "writer" },
);

export const writerVm = unikernel({ name: "writer", root: writer });

interface Over {
  readonly name: string;
  /** Its ledgers may be on other hosts, and half of the writers are on `b`. */
  readonly hosts: boolean;
}

/** One ledger, or three, of which each keeps some writers. */
const ledgers = (vms: number, over: Over) =>
  service({
    entry: ledgerVm,
    vms,
    ...(over.hosts ? ({ elsewhere: "any", boot: { bootTimeoutMs: 300 } } as const) : {}),
    intensity: { restarts: 1000, withinMs: 1000 },
    balance:
      vms === 1
        ? "least"
        : { key: (message) => (message.type === "numbered" ? message.writer : String(message.args[0])) },
  });

/** Replaces the service so many times; what came of each is what its state is. */
const replacer = actor({
  label: "replacer",
  init(self, to: Ref<ServiceProtocol>, count: number) {
    const results: ReplaceResult[] = [];
    self.continueWith(function* (): Generator<Wait<unknown>, void, unknown> {
      for (let i = 0; i < count; i++) {
        results.push(yield* replace(self, to, { observeMs: 5 }));
        yield* self.sleep(self.random() * 5);
      }
    });
    return results;
  },
});

const counter = process(
  function* (self: Self<Written>): Generator<Wait<unknown>, void, unknown> {
    for (;;) yield* self.receive("written");
  },
  { label: "counter" },
);

/** `count` messages of each of four writers, while the service is replaced so many times. */
export function replaced(
  count: number,
  replacements: number,
  vms = 1,
  over: Over = { name: "replaced", hosts: false },
): AnyUnikernel {
  const [front, done] = [child(ledgers(vms, over), []), child(counter, [])];
  const writers = [1, 2, 3, 4].map((n) => {
    const args = ({ refOf }: Siblings): [Ref<LedgerProtocol>, number, Ref<Written>] => [
      refOf(front),
      count,
      refOf(done),
    ];
    const where = over.hosts && n % 2 === 0 ? { host: "b" } : {};
    return [`writer-${n}`, vm(writerVm, args, { restart: "temporary", ...where })] as const;
  });
  const root = supervisor({
    label: over.name,
    intensity: { restarts: 1000, withinMs: 1000 },
    children: [
      ["done", done],
      ["front", front],
      ...writers,
      ["replacer", child(replacer, ({ refOf }) => [refOf(front), replacements])],
    ],
  });
  return unikernel({ name: over.name, root, vms: [ledgerVm, writerVm] });
}
