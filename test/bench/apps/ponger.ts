/** The program of the `pingpong-qemu` bench: a VM whose root sends back what it is sent. */
import { actor, unikernel, type ProtocolOf, type Ref, type Self } from "motes";

interface Pong {
  readonly type: "pong";
  readonly n: number;
}
interface Ping {
  readonly type: "ping";
  readonly from: Ref<Pong>;
  readonly n: number;
}

const ponger = actor({
  init: (self: Self<Ping>) => self,
  info: { ping: (self, { from, n }: Ping) => self.send(from, { type: "pong", n }) },
});

export type Ponger = ProtocolOf<typeof ponger>;
export default unikernel({ root: ponger, args: [] });
