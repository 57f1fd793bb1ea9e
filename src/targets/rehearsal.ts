import {
  actor,
  behaviorOf,
  process,
  refTo,
  unikernel,
  type Call,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { Board } from "./board.ts";
import { Guest } from "./guest.ts";
import { heapCommons } from "./heap-commons.ts";
import type { InitProtocol } from "./init.ts";
import { RingLine, type RingMemory } from "./ring-line.ts";
import { Vcpu } from "./vcpu.ts";

/** What a boot and the calls take, with some to spare. */
const rounds = 16;
const requests = 4;
const answerWithinMs = 1000;

/**
 * Boots a VM of nobody's once, with the guest's own code, and asks its root something: so that V8 has compiled what a boot runs before
 * somebody waits for one. It happens in one call, on a board and a ring of its own; nothing of it is left, and no program is in it.
 * True: it has seen the answer.
 */
export function rehearse(): boolean {
  const printing = Object.getOwnPropertyDescriptors(console);
  const commons = heapCommons(2);
  const host = new Vcpu({
    vm: 0,
    place: 0,
    cores: 0,
    development: false,
    board: commons.board,
    report: () => {},
    connect: () => undefined,
    lost: () => {},
    halted: () => {},
  });
  const ring = commons.ring();
  const { kernel } = host;
  const home = kernel.peers.home("", 1);
  const line = new RingLine(kernel, home);
  line.connect(ring, "a", commons.board.doorbell(1));
  host.attach(home, line);
  const setup = { vm: 1, place: 1, cores: 0, development: false };
  const lineTo = (of: typeof kernel, to: typeof home): RingLine => new RingLine(of, to);
  const guest = new Guest<RingMemory>(stage, setup, new Board(commons.board.memory), ring, lineTo, () => {});
  let done = false;
  const init = refTo<InitProtocol>(kernel.address("", 1, 1));
  kernel.spawn(behaviorOf(prompter), [init, () => (done = true)], null);
  for (let round = 0; round < rounds; round++) {
    host.step();
    guest.step();
  }
  guest.stop();
  host.stop();
  Object.defineProperties(console, printing);
  return done;
}

const stage = unikernel({
  root: actor({
    init: () => ({ answered: 0 }),
    call: {
      request: (state, request: object) => ({ status: 200 + ++state.answered, headers: {}, body: request }),
    },
  }),
});

type Stage = Call<"request", [request: object], object> | Call<"$probe", [], object>;

/** Of each kind of value that a message is made of: how they are read and written is compiled then, too. */
const requestOf = (from: object): object => ({
  method: "GET",
  url: "/",
  headers: { host: "nobody", accept: ["*/*", "\u00e9"] },
  numbers: [0, -1, 300, 70_000, 2 ** 40, 0.5],
  others: [true, false, null, undefined, new Map([["key", 1n]]), new Set([new Date(0)])],
  body: new Uint8Array(1),
  from,
});

const prompter = process(function* (self: Self<never>, init: Ref<InitProtocol>, done: () => void) {
  const asked = { entry: undefined, args: undefined, owner: self.ref, probe: true };
  const booted = yield* self.callWithin(answerWithinMs, init, "init", asked);
  if (booted.type !== "booted") return;
  // Sound: it is the root of `stage`.
  const root = booted.root as Ref<never> as Ref<Stage>;
  self.link(root);
  yield* self.callWithin(answerWithinMs, root, "$probe");
  for (let n = 0; n < requests; n++)
    yield* self.callWithin(answerWithinMs, root, "request", requestOf(self.ref));
  done();
});
