/** A VM in the simulator with a keeper of leases and candidates that join, played by a script. */
import {
  exit,
  process,
  unikernel,
  type Definition,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import {
  elected,
  leaseKeeper,
  MemoryLeases,
  type ElectedOptions,
  type ElectedProtocol,
  type LeaseKeeperProtocol,
  type LeaseStore,
  type Term,
} from "../../../src/cluster/index.ts";
import { simulate } from "../../../src/testing/index.ts";

export type Steps = Generator<Wait<unknown>, void, unknown>;
export type Told = { readonly type: "told"; readonly what: string };

interface Scene {
  readonly self: Self<Told>;
  readonly keeper: Ref<LeaseKeeperProtocol>;
  /** The same leases as the keeper's, as from another host. */
  readonly store: LeaseStore;
  readonly said: string[];
  readonly terms: Term[];
  /** One more candidate, whose actor is named by `name` in what is said. */
  readonly join: (name: string, stubborn?: boolean) => Ref<ElectedProtocol<Told>>;
}

export const options: ElectedOptions = {
  name: "it",
  ttlMs: 1000,
  stopMs: 200,
  holder: "here",
  note: "a note",
};

/** Runs a script in a VM with a keeper, as one actor that traps exits; resolves with what was said. */
export async function play(script: (scene: Scene) => Steps): Promise<readonly string[]> {
  const said: string[] = [];
  const terms: Term[] = [];
  let failure: unknown = new Error("the script did not come to its end");
  const actor: Definition<[term: Term, name: string, stubborn: boolean], Told> = process(
    function* (self: Self<Told>, term: Term, name: string, stubborn: boolean): Steps {
      self.trapExits();
      terms.push(term);
      said.push(`${name} ${term.token}`);
      for (;;) {
        const message = yield* self.receive({ exit: true, told: true });
        if (message.type === "told") exit(message.what);
        said.push(`${name} is to end: ${JSON.stringify(message.reason)}`);
        if (!stubborn) exit(message.reason);
      }
    },
    { label: "actor" },
  );
  const candidate = elected(actor, options);
  const root = process(
    function* (self: Self<Told>): Steps {
      self.trapExits();
      const leases = new MemoryLeases();
      const { ref: keeper } = yield* self.start(leaseKeeper(() => leases.open()));
      const join = (name: string, stubborn = false) => self.spawnLink(candidate, keeper, name, stubborn);
      try {
        yield* script({ self, keeper, store: leases.open(), said, terms, join });
        failure = undefined;
      } catch (problem) {
        failure = problem;
      }
    },
    { label: "script" },
  );
  await simulate(unikernel({ name: "scene", root }), { untilMs: 60_000, crashes: () => true });
  // What the script threw, which in there would be the end of an actor and no more.
  if (failure !== undefined) throw failure;
  return said;
}
