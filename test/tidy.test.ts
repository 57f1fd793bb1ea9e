/** The rules of the house that no other tool holds. Each failure lists where, and its name says what to write instead. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { functionsOf } from "./tidy/functions.ts";
import { mirrors, untested } from "./tidy/mirrors.ts";
import {
  all,
  examples,
  importsOf,
  isPortable,
  isTest,
  layers,
  root,
  tests,
  where,
  type Source,
} from "./tidy/source.ts";

/** A function that is a list of tests. */
const isSuite = (path: string): boolean => path.startsWith("test/contract/");
const linesMax = 350;
const functionLinesMax = 70;
const columnsMax = 140;

/** Files that are longer than they may be, each with what is to become of it: debts. */
const tooLong: Readonly<Record<string, string>> = {};
/** Tests are lists, and read from any line. */
const testLinesMax = 600;

describe("tidy: size", () => {
  test(`no file has more than ${linesMax} lines: give its second concept a file of its own`, () => {
    const found = all.filter(
      (source) =>
        source.lines.length > 1 + (isTest(source) ? testLinesMax : linesMax) &&
        tooLong[source.path] === undefined,
    );
    expect(found.map(({ path, lines }) => `${path}: ${lines.length - 1}`)).toEqual([]);
  });

  test(`no function has ${functionLinesMax} lines or more: name a part of it`, () => {
    const found = all
      .filter(({ path }) => !isSuite(path))
      .flatMap(functionsOf)
      .filter(({ lines }) => lines >= functionLinesMax);
    expect(found.map(({ at, lines }) => `${at}: ${lines}`)).toEqual([]);
  });

  test(`no line of code has more than ${columnsMax} columns beside its text: break it`, () => {
    expect(where(all, (line) => line.length > columnsMax)).toEqual([]);
  });
});

describe("tidy: words", () => {
  test("every file says what it is: write a doc comment of two to five lines", () => {
    const found = [...layers, ...examples, ...tests].filter(
      (source) =>
        !isTest(source) &&
        !source.path.includes("/fixtures/") &&
        basename(source.path) !== "index.ts" &&
        !source.text.includes("/**"),
    );
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test("a cast through unknown says why it is sound: write a comment with the word above it", () => {
    const found = where([...layers, ...examples], (line, index, { lines }) => {
      if (!line.includes("as unknown as")) return false;
      return !/\bsound\b/i.test(lines.slice(Math.max(0, index - 5), index + 1).join("\n"));
    });
    expect(found).toEqual([]);
  });

  test("nothing is any: write unknown, and look at it", () => {
    expect(where(all, (line) => /(: |<|\bas |\| )any\b(?! \w)/.test(line))).toEqual([]);
  });

  test("nothing is left to do: do it, or write it down where work is planned", () => {
    const marks = /\b(T[O]DO|F[I]XME|X[X]X)\b/;
    const found = all.flatMap(({ path, lines }) =>
      lines.filter((line) => marks.test(line)).map((line) => `${path}: ${line}`),
    );
    expect(found).toEqual([]);
  });

  test("no file is named for nothing: name it by the noun of what is in it", () => {
    const empty = /(^|-)(utils?|helpers?|managers?|common|misc|stuff)(-|\.|$)/;
    expect(all.map(({ path }) => path).filter((path) => empty.test(basename(path, ".ts")))).toEqual([]);
    expect(
      all.map(({ path }) => basename(path)).filter((name) => !/^[a-z0-9-]+(\.[a-z-]+)?\.ts$/.test(name)),
    ).toEqual([]);
  });

  test("a file or member that a comment names is there: name what took its place", () => {
    const names = new Set(all.map(({ path }) => basename(path)));
    const found = [...layers, ...examples].flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => {
        const comment = /^\s*(\*|\/\*|\/\/)/.test(line) ? line : "";
        const files = [...comment.matchAll(/`(?:[\w./-]*\/)?([\w.-]+\.ts)`/g)].map(([, name = ""]) => name);
        const members = [...comment.matchAll(/`([A-Z][A-Za-z]+)\.([a-z]\w*)`/g)];
        return [
          ...files.filter((name) => !names.has(name)),
          ...members.filter(([, type = "", member = ""]) => !hasMember(type, member)).map(([name]) => name),
        ].map((name) => `${path}:${index + 1}: ${name}`);
      }),
    );
    expect(found).toEqual([]);
  });
});

describe("tidy: imports", () => {
  test("imports point downwards and enter another layer by its door: import its index.ts", () => {
    const found = all.flatMap((source) =>
      importsOf(source)
        .filter((to) => !mayImport(source.path, to))
        .map((to) => `${source.path} imports ${to}`),
    );
    expect(found).toEqual([]);
  });

  test("every file is used: delete it, or import it", () => {
    const used = new Set(all.flatMap(importsOf));
    const started = [
      /^src\/(index|guest-api|cli\/main|targets\/(isolate|process|qemu)\/guest|targets\/wasm\/(guest|worker|alone|pack|format))\.ts$/,
      /^src\/cloud\/local\/command-program\.ts$/,
      /^examples\/[a-z-]+\/(app|main)\.ts$/,
      /^examples\/dust\/(cloud|mote)\.ts$/,
      /^test\/(bench\/.*|.*\/fixtures\/.*|.*\/main)\.ts$/,
      /\/index\.ts$/,
      // What the compiler reads in place of a package's own types.
      /\.d\.ts$/,
    ];
    const starts = ({ path }: Source): boolean => started.some((pattern) => pattern.test(path));
    const found = all.filter((source) => !isTest(source) && !starts(source) && !used.has(source.path));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test("every concept has a test that mirrors it, or a line in test/tidy/mirrors.ts that says which test is its", () => {
    const exists = (path: string): boolean => existsSync(join(root, path));
    const found = layers
      .filter(
        (source) => basename(source.path) !== "index.ts" && hasCode(source) && !untested.has(source.path),
      )
      .map(({ path }) => ({
        path,
        own: `test/${path.replace(/\.ts$/, ".test.ts")}`,
        other: mirrors.get(path) ?? "",
      }))
      .filter(({ own, other }) => !exists(own) && (other === "" || !exists(other)));
    expect(found.map(({ path, own }) => `${path}: no ${own}`)).toEqual([]);
    expect([...mirrors.keys(), ...untested].filter((path) => !exists(path))).toEqual([]);
  });
});

describe("tidy: what is not there", () => {
  const absent = (files: readonly Source[], words: RegExp): readonly string[] =>
    where(files, (line) => words.test(line));

  test("portable layers know no clock, chance, thread, timer, console, Node or DOM: ask the platform", () => {
    const words = [
      /\b(Date\.now|new Date\(\)|Math\.random|performance|Intl|TextEncoder|TextDecoder|structuredClone|console)\b/,
      /\b(Atomics|SharedArrayBuffer|new AbortController)\b/,
      // Not a method of that name, nor its definition.
      /(?<![.\w])(setTimeout|setInterval|setImmediate|queueMicrotask)\b(?!\(\w+\??: )/,
      /\b(Buffer|globalThis|require|__dirname|import\.meta)\b/,
    ];
    for (const word of words) expect(absent(layers.filter(isPortable), word)).toEqual([]);
    const packages = layers
      .filter(isPortable)
      .flatMap((source) => importsOf(source).filter((to) => !to.endsWith(".ts")));
    expect(packages).toEqual([]);
  });

  test("rings and links wake nobody and wait for nobody: answer, and let the vCPU act", () => {
    // Where bytes meet the network, and its time.
    const edges = /^transports\/((tcp|nats)\/|host-link\/clock\.ts)/;
    const files = layers.filter(({ path }) => path.startsWith("transports/") && !edges.test(path));
    expect(
      absent(files, /Atomics\.(notify|wait|waitAsync)\b|\bsetTimeout\b|\basync\b|\bawait\b|\bnew Promise\b/),
    ).toEqual([]);
  });

  test("no module has mutable state: keep it in an object that somebody owns", () => {
    expect(
      absent(
        layers,
        /^(export )?(let|var) |^(export )?const \w+(: [^=]+)? = (new (Map|Set|WeakMap|WeakSet)\(|\[\];|\{\};)/,
      ),
    ).toEqual([]);
  });

  test("no error is known by its class: use isMotesError", () => {
    expect(absent([...layers, ...examples], /instanceof MotesError\b/)).toEqual([]);
  });

  test("no test sleeps: wait for an event, or move virtual time; a measurement lets time elapse, under that name", () => {
    const sleeps =
      /\bsetTimeout\((resolve|done|r), [\d_]+\)|\bsetTimeout as (?!elapse\b)|\bimport \{ setTimeout \}/;
    expect(absent(tests.filter(isTest), sleeps)).toEqual([]);
  });
});

const doors = [
  "kernel/index.ts",
  "supervisors/index.ts",
  "transports/index.ts",
  "transports/wire/index.ts",
  "src/index.ts",
];

/** The folder whose files see each other. */
const layerOf = (path: string): string => /^(transports\/wire|[^/]+)\//.exec(path)?.[1] ?? "";

const below: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  supervisors: ["kernel"],
  "transports/wire": ["kernel"],
  transports: ["kernel", "transports/wire"],
  src: ["kernel", "supervisors", "transports", "transports/wire"],
};

function mayImport(from: string, to: string): boolean {
  const [layer, other] = [layerOf(from), layerOf(to)];
  // A package: that portable layers have none is a rule of its own.
  if (!to.endsWith(".ts") || layer === "test") return true;
  if (layer === other) return !doors.includes(to);
  // Programs see what is published, and each other.
  return below[layer]?.includes(other) === true && doors.includes(to);
}

/** What a comment calls `Kernel.turn`: a class or interface of that name, and a member in its file. */
function hasMember(type: string, member: string): boolean {
  const definition = new RegExp(`\\b(class|interface|type|const) ${type}\\b`);
  const files = layers.filter(({ text }) => definition.test(text));
  const ofOurs = files.length > 0;
  return !ofOurs || files.some(({ code }) => new RegExp(`\\b${member}\\b`).test(code.join("\n")));
}

/** Types alone cannot be wrong at run time. */
function hasCode({ code }: Source): boolean {
  const something = /^(export )?(abstract |async )?(class|function)\b|^(export )?const \w+.* =>( |$)/m;
  return something.test(code.join("\n"));
}

test("tidy: the public door names what programs may use, and nothing of the host reaches into VMs", () => {
  const guest = layers.find(({ path }) => path === "src/guest-api.ts");
  const reached = guest === undefined ? [] : importsOf(guest);
  expect([...reached].sort()).toEqual(["kernel/index.ts", "supervisors/index.ts"]);
  expect(readFileSync(join(root, "src/index.ts"), "utf8")).toContain("./guest-api.ts");
});
