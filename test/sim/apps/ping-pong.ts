import { actor, process, unikernel, type Ref, type Self, type Wait } from "../../../kernel/index.ts";
import { child, supervisor, vm } from "../../../supervisors/index.ts";

/** Two VMs under one supervisor that play ping-pong: the server starts again whenever either is lost. */
interface Ping {
  readonly type: "ping";
  readonly n: number;
  readonly from: Ref<Pong>;
}

export interface Pong {
  readonly type: "pong";
  readonly n: number;
}

const ponger = actor({
  label: "ponger",
  init: (self) => ({ self, served: 0 }),
  info: {
    ping: (state, { from, n }: Ping) => {
      state.served++;
      state.self.send(from, { type: "pong", n });
    },
  },
});

const court = supervisor({ label: "court", children: { ponger: child(ponger, []) } });

export const courtVm = unikernel({ name: "court", root: court });

/** Balls in play. */
export const serverOf = (restMs: number) =>
  process(
    function* (self: Self<Pong>, to: Ref<never>): Generator<Wait<unknown>, void, unknown> {
      const { ponger: target } = yield* self.call(to as Ref<CourtProtocol>, "children");
      for (let n = 1; ; n++) {
        self.send(target, { type: "ping", n, from: self.ref });
        const pong = yield* self.receive({ pong: (message) => message.n === n }, 1000);
        if (pong === undefined) throw new Error("no answer");
        if (restMs > 0) yield* self.sleep(restMs);
      }
    },
    { label: "server" },
  );

type CourtProtocol = import("../../../kernel/index.ts").ProtocolOf<typeof court>;

export function pingPong(restMs: number) {
  const courtChild = vm(courtVm, []);
  const server = serverOf(restMs);
  const root = supervisor({
    label: "match",
    strategy: "rest_for_one",
    intensity: { restarts: 1000, withinMs: 1000 },
    children: { court: courtChild, server: child(server, (siblings) => [siblings.refOf(courtChild)]) },
  });
  return unikernel({ name: "match", root, vms: [courtVm] });
}
