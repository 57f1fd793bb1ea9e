import { expect, test } from "vitest";
import { bits, integer, objectId, octets, sequence, time, utf8 } from "../../../src/cert/der.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("der: values are as X.690 writes them", () => {
  expect(hex(integer(Buffer.of(0)))).toBe("020100");
  expect(hex(integer(Buffer.of(0x7f)))).toBe("02017f");
  expect(hex(integer(Buffer.of(0, 0x80)))).toBe("02020080");
  expect(hex(objectId("1.2.840.113549"))).toBe("06062a864886f70d");
  expect(hex(sequence(bits(Buffer.of(6), 1), utf8("é")))).toBe("3008030201060c02c3a9");
});

test("der: lengths have one byte up to 127, then as many as they need", () => {
  expect(hex(octets(new Uint8Array(127)).subarray(0, 2))).toBe("047f");
  expect(hex(octets(new Uint8Array(128)).subarray(0, 3))).toBe("048180");
  expect(hex(octets(new Uint8Array(256)).subarray(0, 4))).toBe("04820100");
  expect(hex(octets(new Uint8Array(65_536)).subarray(0, 5))).toBe("0483010000");
});

test("der: a time has two digits of its year up to 2049", () => {
  const text = (iso: string): string => time(new Date(iso)).toString("latin1");
  expect(text("2049-12-31T23:59:59.999Z")).toBe("\x17\x0d491231235959Z");
  expect(text("2050-01-01T00:00:00Z")).toBe("\x18\x0f20500101000000Z");
});
