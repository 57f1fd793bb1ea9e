/**
 * Writers number what they send, by `send`, `cast` and `call` in turn; readers in other VMs, and in the writer's own, refuse a
 * number that is not above the last one of the same writer. A writer's own end says how far it came: nothing may come after it.
 */
import {
  actor,
  isMotesError,
  process,
  unikernel,
  type Down,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import { child, supervisor, vm } from "../../../supervisors/index.ts";

interface Numbered {
  readonly type: "numbered";
  readonly writer: string;
  readonly n: number;
}

interface Hello {
  readonly type: "hello";
  readonly writer: Ref<never>;
}

class Disorder extends Error {
  override name = "Disorder";
}

const reader = actor({
  label: "reader",
  init: (self) => ({ self, last: new Map<string, number>(), watched: new Map<number, string>() }),
  call: {
    ask({ last }, writer: string, n: number) {
      follow(last, writer, n);
      return n;
    },
  },
  cast: {
    tell({ last }, writer: string, n: number) {
      follow(last, writer, n);
    },
  },
  info: {
    hello({ self, watched }, { writer }: Hello) {
      watched.set(self.monitor(writer), writer.toString());
    },
    numbered({ last }, { writer, n }: Numbered) {
      follow(last, writer, n);
    },
    down({ last, watched }, { monitor }: Down) {
      const writer = watched.get(monitor);
      // From here on nothing of it may come: its end is its last signal.
      if (writer !== undefined && last.has(writer)) last.set(writer, Infinity);
    },
  },
});

function follow(last: Map<string, number>, writer: string, n: number): void {
  const before = last.get(writer) ?? 0;
  if (n <= before) throw new Disorder(`${n} of ${writer} after ${before}`);
  last.set(writer, n);
}

const readerVm = unikernel({ name: "reader", root: reader });

type ReaderRef = Ref<ProtocolOf<typeof reader>>;

const writer = process(
  function* (self: Self<Down>, readers: readonly ReaderRef[]): Generator<Wait<unknown>, void, unknown> {
    const name = self.ref.toString();
    for (const to of readers) {
      self.monitor(to);
      self.send(to, { type: "hello", writer: self.ref });
    }
    for (let n = 1; n < 200; n++) {
      const to = readers[Math.floor(self.random() * readers.length)];
      if (to === undefined) return;
      const how = Math.floor(self.random() * 4);
      if (how === 0) self.cast(to, "tell", name, n);
      else if (how === 1) {
        try {
          const told = yield* self.callWithin(2000, to, "ask", name, n);
          if (told !== n) throw new Disorder(`asked ${n}, was told ${told}`);
        } catch (problem) {
          // The reader is gone, or the way to it.
          if (!isMotesError(problem)) throw problem;
          return;
        }
      } else self.send(to, { type: "numbered", writer: name, n });
      if (self.random() < 0.2) yield* self.sleep(self.random() * 20);
    }
  },
  { label: "writer" },
);

const [near, far, farther] = [child(reader, []), vm(readerVm, []), vm(readerVm, [])];

const root = supervisor({
  label: "order",
  intensity: { restarts: 1000, withinMs: 1000 },
  children: {
    near,
    far,
    farther,
    one: child(writer, ({ refOf }) => [[refOf(near), refOf(far), refOf(farther)]]),
    two: child(writer, ({ refOf }) => [[refOf(farther), refOf(far)]]),
    three: child(writer, ({ refOf }) => [[refOf(near), refOf(far)]]),
  },
});

export const order = unikernel({ name: "order", root, vms: [readerVm] });
