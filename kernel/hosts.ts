/**
 * Names that are known beyond one VM: an actor announces itself to its host, and whoever can reach that host finds it, from other
 * hosts too. A name need not be unique, and vanishes with its actor. Semantics: OTP's `{Name, Node}`, with the name of a host's own
 * list in place of a node's registry.
 */
import type { HostProtocol } from "./host.ts";
import type { Name } from "./name.ts";
import type { Ref } from "./ref.ts";
import type { Self } from "./self.ts";
import type { Wait } from "./wait.ts";

type Asking = Pick<Self<never>, "call" | "host">;

/**
 * From now on the caller is found by this name at its host, until it ends. It promises to accept all of `M`: an actor's own calls are
 * not known to its type of `self`, and so nothing checks that.
 */
export const announce = <M>(self: Asking, name: Name<M>): Wait<void> =>
  self.call(self.host, "announce", name.text);

/** All that go by this name at one host: `host` is the own one, unless another is given. */
export const find = <M>(
  self: Asking,
  name: Name<M>,
  host: Ref<HostProtocol> = self.host,
): Wait<readonly Ref<M>[]> =>
  // Sound as far as all that announce a text share its name: who takes it promises all of `M`.
  self.call(host, "find", name.text) as Wait<readonly Ref<never>[]> as Wait<readonly Ref<M>[]>;
