import { expectTypeOf, test } from "vitest";
import { actor, type InfoOf, type Ref } from "../../kernel/index.ts";
import { application, applications, child } from "../../supervisors/index.ts";

const counter = actor({
  init: () => ({ n: 0 }),
  info: { tick(_state, _message: { readonly type: "tick" }) {} },
});

test("applications: what one needs is another one", () => {
  const root = applications({
    a: application(child(counter, []), { needs: ["b"] }),
    b: application(child(counter, [])),
  });
  expectTypeOf<InfoOf<typeof root>["applications"]["a"]>().toEqualTypeOf<Ref<{ readonly type: "tick" }>>();
  applications({
    // @ts-expect-error no such application
    a: application(child(counter, []), { needs: ["c"] }),
    b: application(child(counter, [])),
  });
  applications({
    // @ts-expect-error itself
    a: application(child(counter, []), { needs: ["a"] }),
  });
  // @ts-expect-error no such type
  application(child(counter, []), { type: "forever" });
});
