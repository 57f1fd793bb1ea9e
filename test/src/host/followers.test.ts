import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Followers, type Followed, type Whose } from "../../../src/host/followers.ts";
import { Grant } from "../../../src/host/grant.ts";

const all = { declared: undefined };
const top = Grant.outer({ name: "app", ...all });
const app: Whose = { vm: 1, name: "app", grant: top };
const below: Whose = { vm: 2, name: "shard", grant: top.pass({ name: "shard", ...all }) };
const other: Whose = { vm: 3, name: "other", grant: Grant.outer({ name: "other", ...all }) };
const textsOf = ({ lines }: Followed): readonly string[] =>
  lines.map(({ vm, line }) => `${vm}: ${line.text}`);
const info = (text: string) => ({ level: "info", text }) as const;

describe("followers", () => {
  let followers: Followers;
  beforeEach(() => {
    vi.useFakeTimers();
    followers = new Followers();
  });
  afterEach(() => {
    followers.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test("followers: hear what a VM and those that it booted have said and say, and nothing of others", async () => {
    followers.heard(app, info("early"));
    followers.heard(other, info("secret"));
    const id = followers.follow(1, app);
    expect(textsOf(await followers.fetch(id))).toEqual(["app: early"]);
    const next = followers.fetch(id);
    followers.heard(other, info("secret"));
    followers.heard(below, info("later"));
    expect(await next).toMatchObject({ dropped: 0, ended: undefined });
    expect(textsOf(await next)).toEqual(["shard: later"]);
  });

  test("followers: hear of the end after the last line, also one that came too late for both", async () => {
    const id = followers.follow(1, app);
    followers.heard(app, info("last"));
    followers.ended(below, "normal");
    followers.ended(app, "killed");
    for (const each of [id, followers.follow(1)]) {
      const followed = await followers.fetch(each);
      expect(textsOf(followed)).toEqual(["app: last"]);
      expect(followed.ended).toEqual({ reason: "killed", orderly: false });
      await expect(followers.fetch(each)).rejects.toMatchObject({ code: "FOLLOWER_GONE" });
    }
    expect(() => followers.follow(3)).toThrow(expect.objectContaining({ code: "VM_UNKNOWN" }));
  });

  test("followers: an answer comes within 2 s, with or without a line", async () => {
    const id = followers.follow(1, app);
    const fetched = followers.fetch(id);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await fetched).toEqual({ lines: [], dropped: 0, ended: undefined });
  });

  test("followers: what is not fetched is bounded and counted, and who does not fetch is forgotten", async () => {
    const id = followers.follow(1, app);
    for (let n = 0; n < 1500; n++) followers.heard(app, info(String(n)));
    const { lines, dropped } = await followers.fetch(id);
    expect([lines.length, dropped]).toEqual([1000, 500]);
    const late = followers.follow(1, app);
    expect((await followers.fetch(late)).lines.length).toBe(200);
    for (let n = 2; n < 64; n++) followers.follow(1, app);
    expect(() => followers.follow(1, app)).toThrow(expect.objectContaining({ code: "TOO_MANY_FOLLOWERS" }));
    await vi.advanceTimersByTimeAsync(30_000);
    followers.follow(1, app);
    await expect(followers.fetch(id)).rejects.toMatchObject({ code: "FOLLOWER_GONE" });
  });

  test("followers: whoever waits when the host ends is let go", async () => {
    const fetched = followers.fetch(followers.follow(1, app));
    followers.close();
    expect(await fetched).toMatchObject({ lines: [] });
  });
});
