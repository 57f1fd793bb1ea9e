import { expect, test } from "vitest";
import { MotesError, type Ref } from "../../../src/index.ts";
import { requestHeaders, responseHeaders } from "../../../src/door/http-head.ts";
import { Names } from "../../../src/door/names.ts";
import { refusalOf } from "../../../src/door/refusal.ts";

// Sound: only told apart here.
const ref = (serial: number): Ref<unknown> =>
  ({ host: "", vm: 0, serial }) as Partial<Ref<unknown>> as Ref<unknown>;

test("names: case, port and a final dot do not matter; the longest road for all others is the fallback", () => {
  const [a, b, other] = [ref(1), ref(2), ref(3)];
  const names = new Names(other, { "A.example.": a, "[::1]": b });
  expect(names.find("a.EXAMPLE:80")).toBe(a);
  expect(names.find("a.example.")).toBe(a);
  expect(names.find("[::1]:8080")).toBe(b);
  expect(names.find("b.example")).toBe(other);
  expect(names.find(undefined)).toBe(other);
  expect(names.delete("A.EXAMPLE")).toBe(true);
  expect(names.find("a.example")).toBe(other);
  expect(new Names(undefined).empty).toBe(true);
  expect(new Names(undefined, { a }).find("constructor")).toBeUndefined();
});

test("headers: those of one connection stay behind, in both directions", () => {
  const kept = requestHeaders({
    connection: "Keep-Alive, X-Hop",
    "x-hop": "1",
    te: "trailers",
    upgrade: "h2c",
    expect: "100-continue",
    cookie: "a=b",
    "set-cookie": ["c", "d"],
  });
  expect([...kept]).toEqual([
    ["cookie", "a=b"],
    ["set-cookie", "c, d"],
  ]);
  expect(responseHeaders({ Connection: "close", "X-Own": ["a", "b"], "Content-Length": "7" }, 3)).toEqual([
    "X-Own",
    ["a", "b"],
    "content-length",
    "3",
  ]);
  expect(responseHeaders({ "content-length": "7" }, undefined)).toEqual(["content-length", "7"]);
});

test("refusal: each failure of a call has its status, and a service that backs off says for how long", () => {
  const failed = (code: string, details: unknown = {}): unknown =>
    refusalOf(new MotesError(code, "secret", details));
  expect(failed("CALL_EXIT")).toMatchObject({ status: 503, retryAfterMs: 1000 });
  expect(failed("CALL_REFUSED")).toMatchObject({ status: 503 });
  expect(failed("SERVICE_BACKING_OFF", { retryAfterMs: 2500 })).toMatchObject({
    status: 503,
    retryAfterMs: 2500,
  });
  expect(failed("CALL_REFUSED", { reason: { type: "crash", code: "SERVICE_DOWN" } })).toMatchObject({
    text: expect.stringContaining("(SERVICE_DOWN)") as unknown,
  });
  expect(failed("CALL_TIMEOUT")).toMatchObject({ status: 504 });
  expect(failed("CALL_UNKNOWN_OP")).toMatchObject({ status: 502 });
  expect(failed("MESSAGE_TOO_LARGE")).toMatchObject({ status: 502 });
  expect(refusalOf(new Error("secret"))).toMatchObject({ status: 502 });
  expect(JSON.stringify(failed("CALL_EXIT"))).not.toContain("secret");
});
