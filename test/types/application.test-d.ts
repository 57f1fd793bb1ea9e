import { expectTypeOf, test } from "vitest";
import { actor, unikernel, type InfoOf, type ProtocolOf, type Ref } from "../../kernel/index.ts";
import {
  application,
  applications,
  child,
  supervisor,
  type ApplicationsProtocol,
} from "../../supervisors/index.ts";

interface Tick {
  readonly type: "tick";
}
const counter = actor({
  init: (_self, n: number) => ({ n }),
  info: { tick(_state, _message: Tick) {} },
});
const front = actor({ init: (_self, _ref: Ref<Tick>, port: number) => ({ port }) });

const tocker = actor({ init: (_self, ref: Ref<{ readonly type: "tock" }>) => ({ ref }) });

const log = application("log", counter, [0]);
const store = application("store", counter, [0], { needs: [log], type: "transient" });
const web = application("web", front, ({ store: top }) => [top, 80], { needs: [store, log] });

test("applications: all that is started is known by name and protocol, needs of needs too", () => {
  const root = applications([web]);
  type Tops = InfoOf<typeof root>["applications"];
  expectTypeOf<keyof Tops>().toEqualTypeOf<"web" | "store" | "log">();
  expectTypeOf<Tops["store"]>().toEqualTypeOf<Ref<Tick>>();
  expectTypeOf<Tops["log"]>().toEqualTypeOf<Ref<Tick>>();
  expectTypeOf<ProtocolOf<typeof root>>().toEqualTypeOf<ApplicationsProtocol>();
  expectTypeOf<keyof InfoOf<ReturnType<typeof two>>["applications"]>().toEqualTypeOf<"log" | "tree">();
  const two = () =>
    applications([log, application("tree", supervisor({ children: { a: child(counter, [1]) } }), [])]);
  unikernel({ root });
});

test("applications: arguments, needs, names and types are checked", () => {
  // @ts-expect-error an argument is missing
  application("a", counter, []);
  // @ts-expect-error the wrong argument
  application("a", counter, ["one"]);
  // @ts-expect-error the protocol of what it needs does not fit
  application("a", tocker, ({ log: top }) => [top], { needs: [log] });
  // @ts-expect-error it does not need the store
  application("a", front, (needed) => [needed.store, 1], { needs: [log] });
  // @ts-expect-error needs nothing
  application("a", front, (needed) => [needed.store, 1]);
  // @ts-expect-error a name is no application
  application("a", counter, [0], { needs: ["log"] });
  // @ts-expect-error no such type
  application("a", counter, [0], { type: "forever" });
  // @ts-expect-error no such option
  application("a", counter, [0], { neds: [log] });
  // @ts-expect-error a child is no application
  applications([child(counter, [0])]);
});
