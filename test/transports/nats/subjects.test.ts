import { expect, test } from "vitest";
import { Subjects } from "../../../transports/nats/subjects.ts";

const id = "0123456789abcdef01234567";
const a = new Subjects("motes", "c", "a");
const b = new Subjects("motes", "c", "b");

test("subjects: what one host says to another is read there as from it, and nowhere else", () => {
  for (const kind of ["hello", "link"] as const) {
    const said = a.to("b", kind, id);
    expect(b.read(said)).toEqual({ from: "a", kind, id });
    expect(a.read(said)).toBeUndefined();
    expect(new Subjects("motes", "d", "b").read(said)).toBeUndefined();
    expect(said.startsWith(b.inbound.slice(0, -1))).toBe(true);
  }
});

test("subjects: an answer goes where the peer is, from here, and into a link", () => {
  expect(b.readReply(a.back("b", id), "a")).toEqual({ from: "b", kind: "link", id });
  for (const wrong of [
    a.back("c", id),
    new Subjects("motes", "c", "x").back("b", id),
    a.to("b", "hello", id),
    "_INBOX.x.y",
    `motes.v1.c.a.b.hello.${id}`,
    `motes.v1.c.a.b.link.${id}.more`,
    "motes.v1.c.a.b.link.*",
    "",
  ])
    expect(b.readReply(wrong, "a")).toBeUndefined();
});

test("subjects: a prefix of several words is fine, one that would match more is refused", () => {
  expect(new Subjects("org.motes_2", "c", "a").inbound).toBe("org.motes_2.v1.c.a.>");
  for (const prefix of ["", "a.", "a..b", "*", "a.>", "a b", "x".repeat(200)])
    expect(() => new Subjects(prefix, "c", "a")).toThrow(expect.objectContaining({ code: "LINK_OPTION" }));
});
