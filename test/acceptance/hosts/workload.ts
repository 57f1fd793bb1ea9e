/**
 * What one host runs while its network is broken: a node that counts what the nodes of other hosts send it, and one writer for each of
 * those. A writer numbers its messages, has every twentieth answered, and reports which numbers it cannot answer for when that fails.
 */
import {
  actor,
  announce,
  find,
  isMotesError,
  name,
  process,
  unikernel,
  type Call,
  type HostDown,
  type HostUp,
  type OtherHost,
  type Ref,
  type Self,
  type Wait,
} from "motes";

/** From the first to the last of them. */
export type Range = readonly [first: number, last: number];

export interface Received {
  last: number;
  /** Numbers that were passed over. */
  readonly gaps: Range[];
  /** Numbers that came twice, or behind a later one. */
  readonly wrong: number[];
}

export interface Sent {
  acked: number;
  /** Numbers that it does not know to have arrived, and why. */
  readonly losses: { readonly range: Range; readonly code: string }[];
}

/** By writer. */
export interface Report {
  readonly received: Readonly<Record<string, Received>>;
  readonly sent: Readonly<Record<string, Sent>>;
}

interface Numbered {
  readonly type: "numbered";
  /** `b2>a`: of the second host that was started, which is called b, to a. */
  readonly writer: string;
  readonly n: number;
}

interface Acked {
  readonly type: "acked";
  readonly writer: string;
  readonly n: number;
}

interface Lost {
  readonly type: "lost";
  readonly writer: string;
  readonly range: Range;
  readonly code: string;
}

type NodeProtocol =
  | Numbered
  | Acked
  | Lost
  | Call<"put", readonly [writer: string, n: number], void>
  | Call<"report", readonly [], Report>;

const nodes = name<NodeProtocol>("node");
const perAnswer = 20;

interface Books {
  readonly received: Map<string, Received>;
  readonly sent: Map<string, Sent>;
}

function entered({ received }: Books, writer: string, n: number): void {
  const row = received.get(writer) ?? { last: n - 1, gaps: [], wrong: [] };
  received.set(writer, row);
  if (n <= row.last) row.wrong.push(n);
  if (n > row.last + 1) row.gaps.push([row.last + 1, n - 1]);
  row.last = Math.max(row.last, n);
}

const sentBy = ({ sent }: Books, id: string): Sent => {
  const row = sent.get(id) ?? { acked: 0, losses: [] };
  sent.set(id, row);
  return row;
};

/** The node of that host, as soon as there is one. */
function* found(
  self: Self<HostUp | HostDown>,
  peer: string,
): Generator<Wait<unknown>, Ref<NodeProtocol>, unknown> {
  for (;;) {
    const hosts: readonly OtherHost[] = yield* self.call(self.host, "hosts");
    const there = hosts.find((host) => host.name === peer);
    try {
      const [node] = there === undefined ? [] : yield* find(self, nodes, there.ref);
      if (node !== undefined) return node;
    } catch {
      // It is gone again: there will be news of it.
    }
    yield* self.receive({ hostup: ({ host }) => host.name === peer });
  }
}

const writer = process(function* (
  self: Self<HostUp | HostDown>,
  books: Ref<Acked | Lost>,
  id: string,
  peer: string,
) {
  yield* self.call(self.host, "watchHosts", self.ref);
  let n = 0;
  let acked = 0;
  for (;;) {
    const node = yield* found(self, peer);
    try {
      for (;;) {
        for (let i = 1; i < perAnswer; i++) self.send(node, { type: "numbered", writer: id, n: ++n });
        yield* self.call(node, "put", id, ++n);
        acked = n;
        self.send(books, { type: "acked", writer: id, n });
        yield* self.sleep(2);
      }
    } catch (problem) {
      if (!isMotesError(problem)) throw problem;
      self.send(books, { type: "lost", writer: id, range: [acked + 1, n], code: problem.code });
      acked = n;
    }
  }
});

const node = actor({
  label: "node",
  async init(self: Self<Numbered | Acked | Lost>, life: string, peers: readonly string[]): Promise<Books> {
    for (const peer of peers) self.spawnLink(writer, self.ref, `${life}>${peer}`, peer);
    await announce(self, nodes);
    return { received: new Map(), sent: new Map() };
  },
  info: {
    numbered: (books: Books, { writer: id, n }: Numbered) => entered(books, id, n),
    acked(books: Books, { writer: id, n }: Acked) {
      sentBy(books, id).acked = n;
    },
    lost(books: Books, { writer: id, range, code }: Lost) {
      sentBy(books, id).losses.push({ range, code });
    },
  },
  call: {
    put: (books: Books, id: string, n: number) => entered(books, id, n),
    report: ({ received, sent }: Books): Report => ({
      received: Object.fromEntries(received),
      sent: Object.fromEntries(sent),
    }),
  },
});

export default unikernel({ root: node });
