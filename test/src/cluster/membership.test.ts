import { afterEach, describe, expect, test } from "vitest";
import {
  find,
  type HostDown,
  type HostUp,
  MotesError,
  name,
  process as actorProcess,
  type Self,
} from "../../../src/index.ts";
import { eventually } from "../eventually.ts";
import type { Boss } from "../fixtures/obedient.ts";
import { witnessIn } from "../lab.ts";
import { abroad, addressOf, ClusterLab, type Joined, linked, limits, parted, redial } from "./pair.ts";

const lab = new ClusterLab();
afterEach(() => lab.close());

/** What an actor hears of other hosts. */
function newsAt({ host }: Joined): readonly string[] {
  const news: string[] = [];
  const watch = actorProcess(function* (self: Self<HostUp | HostDown>) {
    for (const { name: known } of yield* self.call(self.host, "watchHosts", self.ref))
      news.push(`is ${known}`);
    for (;;) {
      const heard = yield* self.receive("hostup", "hostdown");
      news.push(`${heard.type} ${heard.host.name}${heard.type === "hostdown" ? ` ${heard.why}` : ""}`);
    }
  });
  host.self.spawn(watch);
  return news;
}

describe("membership", () => {
  test("membership: hosts that come and go are heard of, by code", async () => {
    const a = await lab.joined("a");
    const news = newsAt(a);
    const b = await lab.joined("b", [a]);
    await linked(a, "b");
    const late = newsAt(a);
    await b.membership.leave();
    await eventually(
      () => late.length + news.length,
      (count) => count === 4,
    );
    expect(news).toEqual(["hostup b", "hostdown b LINK_CLOSED"]);
    expect(late).toEqual(["is b", "hostdown b LINK_CLOSED"]);
    expect(a.membership.hosts).toEqual([]);
    expect(a.journal.matching(/the host b~.* is lost/)).toHaveLength(1);
  });

  test("membership: silence is noticed: links, monitors and calls hear noconnection, and all of it works again when it is over", async () => {
    const { a, b, box } = await lab.boxed();
    const here = await lab.boot(a.host);
    const { root } = await abroad(lab, a, b);
    // The link takes this one along, there as here.
    const sink = await a.host.self.call(root, "sink");
    const watch = await a.host.self.call(here.root, "witness", sink);
    expect(await a.host.self.call(here.root, "codeOf", root)).toBe("none");
    const seenHere = witnessIn(a.host, sink);
    expect(await a.host.self.call(root, "ping")).toBe("pong");
    box.cut();
    const asked = a.host.self.callWithin(20_000, root, "ping").then(
      () => "answered",
      (problem: unknown) => (problem instanceof MotesError ? `${problem.code} ${problem.message}` : ""),
    );
    expect(await asked).toMatch(/CALL_EXIT .*noconnection/);
    const seen = await eventually(
      () => a.host.self.call(watch, "seen"),
      ({ length }) => length >= 2,
    );
    expect(seen.map(({ reason }) => reason)).toEqual(["noconnection", "noconnection"]);
    await eventually(
      () => seenHere.length,
      (length) => length === 2,
    );
    // While there is no way, everybody is told so at once.
    expect(await a.host.self.call(here.root, "codeOf", root)).toBe("CALL_EXIT");
    await parted(b, "a");
    box.heal();
    await linked(a, "b");
    await linked(b, "a");
    // The same address leads to the same actor.
    expect(await a.host.self.call(root, "ping")).toBe("pong");
    expect(await a.host.self.call(here.root, "codeOf", root)).toBe("none");
    const again = await a.host.self.call(here.root, "witness", sink);
    const dead = await eventually(
      () => a.host.self.call(again, "seen"),
      ({ length }) => length >= 2,
    );
    expect(dead.map(({ reason }) => reason)).toEqual(["noproc", "noproc"]);
  });

  test("membership: a connection that is reset is noticed at once, and made anew", async () => {
    const { a, b, box } = await lab.boxed();
    const { root } = await abroad(lab, a, b);
    const seen = witnessIn(a.host, await a.host.self.call(root, "sink"));
    expect(await a.host.self.call(root, "ping")).toBe("pong");
    const news = newsAt(a);
    box.reset();
    await eventually(
      () => seen.length,
      (length) => length === 2,
    );
    await eventually(
      () => news.length,
      (length) => length === 3,
    );
    expect(news.map((each) => each.split(" ")[0])).toEqual(["is", "hostdown", "hostup"]);
    expect(await a.host.self.call(root, "ping")).toBe("pong");
  });

  test("membership: the next life of a host gets nothing that was for the last one", async () => {
    const a = await lab.joined("a");
    const first = await lab.joined("b", [a]);
    await linked(a, "b");
    const { root } = await abroad(lab, a, first);
    expect(await a.host.self.call(root, "ping")).toBe("pong");
    await first.host.stop();
    await parted(a, "b");
    const second = await lab.joined("b", [a]);
    await linked(a, "b");
    const next = await abroad(lab, a, second);
    expect([next.root.vm, next.root.serial]).toEqual([root.vm, root.serial]);
    expect(next.root.host).not.toBe(root.host);
    a.host.self.send(root, { type: "nobody" } as never);
    await expect(a.host.self.call(root, "ping")).rejects.toMatchObject({ code: "CALL_EXIT" });
    expect(await a.host.self.call(next.root, "ping")).toBe("pong");
    expect(second.journal.matching(/nobody/)).toEqual([]);
  });

  test("membership: a second host of a name that lives is refused, and told why; the first goes on", async () => {
    const a = await lab.joined("a");
    const b = await lab.joined("b", [a]);
    await linked(a, "b");
    const { root } = await abroad(lab, a, b);
    const other = await lab.joined("b", [a]);
    expect((await other.journal.until(/no link with the host a/)).details).toEqual({ code: "LINK_REFUSED" });
    expect(other.journal.matching(/HOST_NAME_TAKEN/)).toHaveLength(1);
    expect(other.host.otherHosts).toEqual([]);
    expect(await a.host.self.call(root, "ping")).toBe("pong");
  });

  test("membership: the next life of a host that fell silent is let in when the last one counts as lost, and has none of its mail", async () => {
    const { a, b, box } = await lab.boxed();
    const { root } = await abroad(lab, a, b);
    expect(await a.host.self.call(root, "ping")).toBe("pong");
    const seen = witnessIn(a.host, await a.host.self.call(root, "sink"));
    await a.host.self.call(root, "ping");
    box.cut();
    // Nobody has told of its end: it is refused first.
    const next = await lab.joined("b", [a]);
    await next.journal.until(/HOST_NAME_TAKEN/);
    await linked(next, "a");
    expect(seen.map(({ reason }) => reason)).toEqual(["noconnection", "noconnection"]);
    expect(a.host.otherHosts.map(({ host }) => host)).toEqual([`b~${next.membership.own.incarnation}`]);
    // It is not healed: the first life would be refused in its turn.
    const there = await abroad(lab, a, next);
    await expect(a.host.self.call(root, "ping")).rejects.toMatchObject({ code: "CALL_EXIT" });
    expect(await a.host.self.call(there.root, "ping")).toBe("pong");
    box.heal();
    await b.journal.until(/HOST_NAME_TAKEN/);
    expect(await a.host.self.call(there.root, "ping")).toBe("pong");
  });

  test("membership: three that all dial each other at the same moment have one link each, and no other", async () => {
    const names = ["a", "b", "c"];
    const hosts = await Promise.all(names.map((each) => lab.joined(each)));
    await Promise.all(hosts.map(({ membership }) => membership.leave()));
    const peers = Object.fromEntries(hosts.map((each) => [each.membership.own.name, addressOf(each)]));
    const again = await Promise.all(
      names.map((each) =>
        lab.joined(each, [], {
          join: { tcp: { listen: peers[each] ?? { host: "127.0.0.1", port: 0 }, peers, security: "plain" } },
        }),
      ),
    );
    for (const host of again)
      for (const each of names) if (each !== host.membership.own.name) await linked(host, each);
    const news = again.map(newsAt);
    // Every pair talks, over the one link that it has.
    for (const from of again)
      for (const to of again)
        if (from !== to)
          expect(await from.host.self.call((await abroad(lab, from, to)).root, "ping")).toBe("pong");
    expect(news.flat().filter((each) => !each.startsWith("is"))).toEqual([]);
    for (const { journal } of again) expect(journal.matching(/is lost/)).toEqual([]);
  });

  test("membership: who joins wrongly is told so, and may try again", async () => {
    const { host } = lab.host();
    await expect(host.join({ name: "a" })).rejects.toMatchObject({ code: "JOIN_NOWHERE" });
    await expect(host.join({ name: "a b", tcp: { security: "plain" } })).rejects.toMatchObject({
      code: "LINK_OPTION",
    });
    await expect(
      host.join({ name: "a", tcp: { security: "plain", peers: { b: { host: "192.0.2.1", port: 1 } } } }),
    ).rejects.toMatchObject({ code: "LINK_PLAIN" });
    const taken = await lab.joined("b");
    await expect(
      host.join({ name: "a", tcp: { security: "plain", listen: addressOf(taken) } }),
    ).rejects.toMatchObject({ code: "HOST_LISTEN" });
    await host.join({
      name: "a",
      limits,
      redial,
      tcp: { security: "plain", peers: { b: addressOf(taken) } },
    });
    await linked(taken, "a");
    await expect(host.join({ name: "c", tcp: { security: "plain" } })).rejects.toMatchObject({
      code: "HOST_JOINED",
    });
    await host.stop();
    await expect(host.join({ name: "c", tcp: { security: "plain" } })).rejects.toMatchObject({
      code: "HOST_STOPPED",
    });
  });

  test("membership: actors of another host may look, and nothing else", async () => {
    const [a, b] = await lab.pair();
    const { vm } = await abroad(lab, a, b);
    const [other] = a.host.otherHosts;
    if (other === undefined) throw new Error("they are joined");
    expect(await find(a.host.self, name<Boss>("nobody"), other.ref)).toEqual([]);
    expect((await a.host.self.call(other.ref, "hosts")).map((each) => each.name)).toEqual(["a"]);
    for (const asked of [
      a.host.self.call(other.ref, "kill", vm.vm),
      a.host.self.call(other.ref, "announce", "me"),
      a.host.self.call(other.ref, "boot", { entry: "spare", args: [] }),
      a.host.self.call(other.ref, "watchHosts", a.host.self.ref as never),
    ])
      await expect(asked).rejects.toMatchObject({ code: "CALL_REFUSED" });
    expect(b.host.running).toHaveLength(1);
  });
});
