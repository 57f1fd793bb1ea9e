import {
  actor,
  crashOf,
  type Call,
  type Definition,
  type Down,
  type GroupChange,
  type HostDown,
  type HostUp,
  type Later,
  type Ref,
  type ServerSelf,
  type Wait,
} from "../../kernel/index.ts";
import { GroupHub, type HubMessage } from "./group-hub.ts";

export type ClusterGroupsProtocol<G extends string | number, M> =
  /** From now on it is a member, once more if it is one already, until it leaves as often or ends. Fails with `GROUPS_FULL`. */
  | Call<"join", [group: G, member: Ref<M>], void>
  /** Takes one membership back that was made here. False: there is none. */
  | Call<"leave", [group: G, member: Ref<M>], boolean>
  /** Those that joined here first, then those of others. */
  | Call<"members", [group: G], readonly Ref<M>[]>
  /** Tells `to` of every later change of any group, until it ends, and answers who is where now. */
  | Call<"watch", [to: Ref<GroupChange<G, M>>], readonly (readonly [group: G, members: readonly Ref<M>[]])[]>
  | HubMessage<G, Ref<M>>
  | HostUp
  | HostDown;

export interface ClusterGroupsOptions {
  /** That are made here; each is said to all others. Default 65,536. */
  readonly membershipsMax?: number;
}

/**
 * Process groups over hosts (OTP: `pg`): start one of the same label on each host, or in each VM, and they find each other. Each says who has
 * joined with it, and repeats what the others say for as long as there is a way to them. When hosts are cut off from each other, each side has
 * its own members and those that it can reach; when the cut has healed, all have all again.
 *
 * @example
 * const workers = child(clusterGroups<"fast" | "slow", Job>("workers"), []);
 * yield* self.call(siblings.workers, "join", "fast", self.ref);
 */
export function clusterGroups<G extends string | number, M>(
  label: string,
  options: ClusterGroupsOptions = {},
): Definition<[], ClusterGroupsProtocol<G, M>> {
  const { membershipsMax = 65_536 } = options;
  type Hub = GroupHub<G, M>;
  return actor({
    label: `groups ${label}`,
    *init(
      self: ServerSelf<HubMessage<G, Ref<M>> | HostUp | HostDown>,
    ): Generator<Wait<unknown>, Hub, unknown> {
      const hub: Hub = new GroupHub(self, label, membershipsMax);
      yield* hub.open();
      return hub;
    },
    call: {
      join(hub, group: G, member: Ref<M>): Later<void> {
        const caller = this.caller<void>();
        try {
          caller.reply(hub.join(group, member));
        } catch (problem) {
          caller.fail(crashOf(problem));
        }
        return caller.later;
      },
      leave: (hub, group: G, member: Ref<M>): boolean => hub.leave(group, member),
      members: (hub, group: G): readonly Ref<M>[] => hub.replica.members(group),
      watch: (hub, to: Ref<GroupChange<G, M>>) => hub.watch(to),
    },
    info: {
      groups_hub: (hub, message: Extract<HubMessage<G, Ref<M>>, { type: "groups_hub" }>) => hub.hear(message),
      groups_found: (hub, { hubs }: Extract<HubMessage<G, Ref<M>>, { type: "groups_found" }>) =>
        hub.found(hubs),
      groups_look: (hub, { host }: Extract<HubMessage<G, Ref<M>>, { type: "groups_look" }>) => hub.look(host),
      groups_repeat: (hub) => hub.repeat(),
      hostup: (hub, { host: { host, ref } }: HostUp) => hub.hostUp(host, ref),
      hostdown: (hub, { host: { host } }: HostDown) => hub.hostDown(host),
      down: (hub, { monitor }: Down) => hub.down(monitor),
    },
  });
}
