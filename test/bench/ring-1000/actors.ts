/** A token around 1,000 motes actors in one kernel. */
import { actor, behaviorOf, selfOf, type Ref, type Self } from "../../../kernel/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";
import { benchKernel } from "../kernel-platform.ts";

interface Token {
  readonly type: "token";
  readonly left: number;
}
interface Next {
  readonly type: "next";
  readonly to: Ref<Token>;
}

const actors = 1000;

function run(count: number): number {
  const result = { sum: 0, done: false };
  const kernel = benchKernel();
  const member = actor({
    init: (self: Self<Token>, next: Ref<Token> | undefined) => ({ self, next }),
    info: {
      token: ({ self, next }, { left }: Token) => {
        result.sum += left;
        if (left === 1 || next === undefined) result.done = true;
        else self.send(next, { type: "token", left: left - 1 });
      },
      next: (state, { to }: Next) => {
        state.next = to;
      },
    },
  });
  const spawn = (next: Ref<Token> | undefined): Ref<Token | Next> =>
    selfOf<Token | Next>(kernel.spawn(behaviorOf(member), [next], null)).ref;
  const last = spawn(undefined);
  let first: Ref<Token> = last;
  for (let i = 1; i < actors; i++) first = spawn(first);
  const self = selfOf<never>(kernel.spawn(behaviorOf(member), [undefined], null));
  self.send(last, { type: "next", to: first });
  self.send(first, { type: "token", left: count });
  while (!result.done) kernel.turn();
  return result.sum;
}

const count = askedCount();
run(Math.ceil(count / 10));
const startNs = nowNs();
const sum = run(count);
printSample({ work: count, elapsedNs: nowNs() - startNs, check: String(sum) });
