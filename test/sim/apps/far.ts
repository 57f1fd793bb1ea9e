/**
 * A tree over the hosts `a` (where it is booted), `b` and `c`. Readers live on other hosts, by name and by placement; writers number
 * what they send to each reader, by `send`, `cast` and `call` in turn. A reader takes the very next number only, unless it has heard
 * that it lost the writer: nothing comes twice or out of order, and nothing is lost that was not told. A call ends, whatever happens.
 * A branch on another host has a leaf on a third one. A look-out holds what it hears of hosts against itself.
 */
import {
  actor,
  announce,
  isMotesError,
  name,
  process,
  unikernel,
  type Call,
  type Cast,
  type Down,
  type HostDown,
  type HostUp,
  type OtherHost,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import { child, supervisor, vm } from "../../../supervisors/index.ts";

interface Numbered {
  readonly type: "numbered";
  readonly writer: Ref<never>;
  readonly n: number;
}

type Reader =
  | Numbered
  | Call<"own", [], Ref<Reader>>
  | Call<"ask", [writer: Ref<never>, n: number], number>
  | Cast<"tell", [writer: Ref<never>, n: number]>;

class Disorder extends Error {
  override name = "Disorder";
}

const readers = name<Reader>("readers");

interface Book {
  readonly self: Self<Numbered>;
  /** The last number of each writer; `Infinity`: it has ended. */
  readonly last: Map<string, number>;
  /** Writers that are watched, by monitor, and the other way round: from them only the next number may come. */
  readonly byMonitor: Map<number, string>;
  readonly watched: Set<string>;
}

const reader = actor({
  label: "reader",
  init: async (self: Self<Numbered>): Promise<Book> => {
    await announce(self, readers);
    return { self, last: new Map(), byMonitor: new Map(), watched: new Set() };
  },
  call: {
    // Sound: its operations are those of a reader.
    own: ({ self }) => self.ref as Ref<never> as Ref<Reader>,
    ask(book, writer: Ref<never>, n: number) {
      follow(book, writer, n);
      return n;
    },
  },
  cast: {
    tell(book, writer: Ref<never>, n: number) {
      follow(book, writer, n);
    },
  },
  info: {
    numbered(book, { writer, n }: Numbered) {
      follow(book, writer, n);
    },
    down({ last, byMonitor, watched }, { monitor, reason }: Down) {
      const writer = byMonitor.get(monitor);
      if (writer === undefined) throw new Disorder(`down ${monitor}`);
      byMonitor.delete(monitor);
      watched.delete(writer);
      // Its end is its last signal; where only the way was lost, later ones may come.
      if (reason !== "noconnection") last.set(writer, Infinity);
    },
  },
});

function follow({ self, last, byMonitor, watched }: Book, writer: Ref<never>, n: number): void {
  const key = writer.toString();
  const before = last.get(key) ?? 0;
  if (n <= before) throw new Disorder(`${n} of ${key} after ${before}`);
  if (watched.has(key) && n !== before + 1) throw new Disorder(`${n} of ${key} after ${before}, untold`);
  last.set(key, n);
  if (watched.has(key)) return;
  watched.add(key);
  byMonitor.set(self.monitor(writer), key);
}

const readerVm = unikernel({ name: "reader", root: reader });

/** Goes on until a reader is lost. */
const writer = process(
  function* (self: Self<Down>, to: readonly Ref<Reader>[]): Generator<Wait<unknown>, void, unknown> {
    try {
      const own: Ref<Reader>[] = [];
      // Behind a stable address may be another one next time.
      for (const each of to) own.push(yield* self.callWithin(1000, each, "own"));
      for (const each of own) self.monitor(each);
      const numbers = own.map(() => 0);
      for (;;) {
        const at = Math.floor(self.random() * own.length);
        const [reads, n] = [own[at], (numbers[at] ?? 0) + 1];
        if (reads === undefined) return;
        numbers[at] = n;
        const how = Math.floor(self.random() * 4);
        if (how === 0) self.cast(reads, "tell", self.ref, n);
        else if (how === 1) {
          const told = yield* self.callWithin(Infinity, reads, "ask", self.ref, n);
          if (told !== n) throw new Disorder(`asked ${n}, was told ${told}`);
        } else self.send(reads, { type: "numbered", writer: self.ref, n });
        if (
          (yield* self.receive({ down: () => true }, self.random() < 0.3 ? self.random() * 20 : 0)) !==
          undefined
        )
          return;
      }
    } catch (problem) {
      // The reader is gone, or the way to it.
      if (!isMotesError(problem)) throw problem;
    }
  },
  { label: "writer" },
);

const writerVm = unikernel({ name: "writer", root: writer });

/** Hears of hosts that come and go, and calls whom it finds there. */
const lookOut = process(
  function* (self: Self<HostUp | HostDown>): Generator<Wait<unknown>, void, unknown> {
    const up = new Map<string, OtherHost>();
    for (const host of yield* self.call(self.host, "watchHosts", self.ref)) up.set(host.name, host);
    for (;;) {
      const news = yield* self.receive({ hostup: () => true, hostdown: () => true }, 100);
      if (news?.type === "hostup") {
        if (up.has(news.host.name))
          throw new Disorder(`${news.host.host} is up, and so is ${up.get(news.host.name)?.host}`);
        up.set(news.host.name, news.host);
      } else if (news?.type === "hostdown") {
        if (up.get(news.host.name)?.host !== news.host.host)
          throw new Disorder(`${news.host.host} is down, and was not up`);
        up.delete(news.host.name);
      }
      for (const { ref } of up.values()) {
        try {
          // Sound: all that go by this name are readers.
          for (const found of yield* self.callWithin(500, ref, "find", readers.text))
            yield* self.callWithin(500, found as Ref<Reader>, "own");
        } catch (problem) {
          if (!isMotesError(problem)) throw problem;
        }
      }
    }
  },
  { label: "look-out" },
);

const often = { restarts: 1000, withinMs: 1000 };
const backoff = { firstMs: 5, maxMs: 100 };
const soon = { bootTimeoutMs: 300, backoff };

const branch = supervisor({
  label: "branch",
  intensity: often,
  children: {
    leaf: vm(readerVm, [], { host: ["c", "a"], ...soon }),
    named: vm(readerVm, [], { host: "a", ...soon }),
    own: child(reader, []),
  },
});
const branchVm = unikernel({ name: "branch", root: branch, vms: [readerVm] });

const [near, named, placed] = [
  child(reader, []),
  vm(readerVm, [], { host: "b", ...soon }),
  vm(readerVm, [], { host: ["c", "b"], ...soon }),
];

const root = supervisor({
  label: "far",
  intensity: often,
  children: {
    near,
    named,
    placed,
    branch: vm(branchVm, [], { host: ["b", "c"], ...soon }),
    one: child(writer, ({ refOf }) => [[refOf(near), refOf(named), refOf(placed)]], { backoff }),
    two: child(writer, ({ refOf }) => [[refOf(placed)]], { backoff }),
    three: vm(writerVm, ({ refOf }) => [[refOf(near), refOf(named), refOf(placed)]], { host: "c", ...soon }),
    lookOut: child(lookOut, []),
  },
});

export const far = unikernel({ name: "far", root, vms: [readerVm, writerVm, branchVm] });
