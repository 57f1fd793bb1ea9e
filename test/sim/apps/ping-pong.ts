/** Two VMs under one supervisor that play ping-pong: the server starts again whenever either is lost. */
import { actor, process, unikernel, type Ref, type Self, type Wait } from "../../../kernel/index.ts";
import { child, supervisor, vm } from "../../../supervisors/index.ts";

interface Ping {
  readonly type: "ping";
  readonly n: number;
  readonly from: Ref<Pong>;
}

interface Pong {
  readonly type: "pong";
  readonly n: number;
}

const ponger = actor({
  label: "ponger",
  init: (self: Self<Ping>) => self,
  info: { ping: (self, { from, n }: Ping) => self.send(from, { type: "pong", n }) },
});

const court = unikernel({ name: "court", root: ponger });

const server = process(
  function* (self: Self<Pong>, to: Ref<Ping>, restMs: number): Generator<Wait<unknown>, void, unknown> {
    for (let n = 1; ; n++) {
      self.send(to, { type: "ping", n, from: self.ref });
      const pong = yield* self.receive({ pong: (message) => message.n === n }, 1000);
      if (pong === undefined) throw new Error("no answer");
      if (restMs > 0) yield* self.sleep(restMs);
    }
  },
  { label: "server" },
);

/** `restMs`: between one ball and the next. */
export function pingPong(restMs: number) {
  const ponging = vm(court, []);
  const root = supervisor({
    label: "match",
    strategy: "rest_for_one",
    intensity: { restarts: 1000, withinMs: 1000 },
    children: {
      court: ponging,
      server: child(server, (siblings) => [siblings.refOf(ponging), restMs]),
    },
  });
  return unikernel({ name: "match", root, vms: [court] });
}
