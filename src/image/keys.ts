/**
 * The keys of a program: read from its *.keys.ts modules without running any other of its code, and replaced by modules of constants.
 * A module of keys runs in a context of its own that nothing of the host is put into; only text comes back.
 */
import { createContext, Script } from "node:vm";
import { build, type Plugin } from "esbuild";
import { srcError } from "../errors.ts";

export type KeyValue = number | string | boolean;

/** A key as a program declares it. */
interface KeyDeclaration {
  readonly type: "number" | "string" | "boolean";
  readonly default?: KeyValue;
  readonly doc?: string;
}

/** A key with its value. */
export interface KeySetting extends KeyDeclaration {
  readonly value?: KeyValue;
}

const evaluationMs = 1000;
const keyNamesMax = 1000;

/** What a module of keys imports as `motes`. */
const declaring = `const of = (type) => (value, doc) => ({ motesKey: true, type, default: value, doc });
export const key = { number: of("number"), string: of("string"), boolean: of("boolean") };`;

/** Values by name, as they were given: text is read as the key's type. */
export type GivenKeys = Readonly<Record<string, KeyValue>>;

/** The keys of one build: collected while its modules are loaded. */
export class Keys {
  private readonly found = new Map<string, KeySetting>();
  private readonly given: GivenKeys;

  constructor(given: GivenKeys) {
    this.given = given;
  }

  get settings(): Readonly<Record<string, KeySetting>> {
    return Object.fromEntries([...this.found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** For esbuild: loads each module of keys as constants. Failures are collected as its errors, with `failure` as their detail. */
  get plugin(): Plugin {
    return {
      name: "motes keys",
      setup: (bundle) => {
        bundle.onLoad({ filter: /\.keys\.[cm]?[jt]s$/ }, async ({ path }) => {
          try {
            return { contents: await this.constants(path), loader: "js" };
          } catch (failure) {
            const text = failure instanceof Error ? failure.message : String(failure);
            return { errors: [{ text, detail: failure, location: { file: path } }] };
          }
        });
      },
    };
  }

  /** Throws `KEY_UNKNOWN` for a value that no module asked for. */
  checkGiven(): void {
    const known = [...this.found.keys()];
    const key = Object.keys(this.given).find((name) => !known.includes(name));
    if (key !== undefined) throw srcError("KEY_UNKNOWN", { key, known });
  }

  private async constants(path: string): Promise<string> {
    const lines: string[] = [];
    for (const [name, declared] of Object.entries(await declarationsIn(path))) {
      if (this.found.has(name)) throw new Error(`the key "${name}" is declared twice`);
      const given = Object.hasOwn(this.given, name) ? this.given[name] : undefined;
      const value = given === undefined ? declared.default : read(name, declared.type, given);
      const setting: KeySetting = { ...declared, ...(value === undefined ? {} : { value }) };
      checkKeys({ [name]: setting });
      this.found.set(name, setting);
      lines.push(`export const ${name} = ${JSON.stringify(value)};`);
    }
    return lines.join("\n");
  }
}

/** Throws `KEY_MISSING` for a key without a value, `KEY_INVALID` for one of another type. */
export function checkKeys(keys: Readonly<Record<string, KeySetting>>): void {
  for (const [key, { type, value }] of Object.entries(keys)) {
    if (value === undefined) throw srcError("KEY_MISSING", { key, type });
    const is = typeof value === type && (typeof value !== "number" || Number.isFinite(value));
    if (!is) throw srcError("KEY_INVALID", { key, expected: `a ${type}`, got: String(value) });
  }
}

export function isKeySetting(value: unknown): value is KeySetting {
  if (typeof value !== "object" || value === null) return false;
  // Looked at field by field.
  const { type, default: fallback, doc, value: set } = value as Readonly<Record<string, unknown>>;
  const plain = (item: unknown): boolean =>
    item === undefined || ["number", "string", "boolean"].includes(typeof item);
  return (
    (type === "number" || type === "string" || type === "boolean") &&
    plain(fallback) &&
    plain(set) &&
    (doc === undefined || typeof doc === "string")
  );
}

/** Throws `KEY_INVALID`. */
function read(key: string, type: KeySetting["type"], given: KeyValue): KeyValue {
  if (typeof given !== "string" || type === "string") return given;
  if (type === "boolean" && (given === "true" || given === "false")) return given === "true";
  if (type === "number" && given.trim() !== "" && Number.isFinite(Number(given))) return Number(given);
  const expected = type === "boolean" ? "true or false" : "a number";
  throw srcError("KEY_INVALID", { key, expected, got: JSON.stringify(given) });
}

async function declarationsIn(path: string): Promise<Readonly<Record<string, KeyDeclaration>>> {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "declared",
    logLevel: "silent",
    plugins: [
      {
        name: "motes keys",
        setup: (bundle) => {
          bundle.onResolve({ filter: /.*/ }, ({ path: to, kind }) => {
            if (kind === "entry-point") return undefined;
            if (to === "motes") return { path: to, namespace: "keys" };
            return { errors: [{ text: `a module of keys imports nothing but motes, and not ${to}` }] };
          });
          bundle.onLoad({ filter: /.*/, namespace: "keys" }, () => ({ contents: declaring, loader: "js" }));
        },
      },
    ],
  });
  const code = `${outputFiles[0]?.text ?? ""}\nJSON.stringify(declared)`;
  const context = createContext(Object.create(null) as object, {
    codeGeneration: { strings: false, wasm: false },
  });
  const text: unknown = new Script(code, { filename: path }).runInContext(context, { timeout: evaluationMs });
  const found: unknown = typeof text === "string" ? JSON.parse(text) : undefined;
  const entries = Object.entries((found ?? {}) as Readonly<Record<string, unknown>>);
  if (entries.length > keyNamesMax) throw new Error(`more than ${keyNamesMax} keys`);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const marked = (value as { readonly motesKey?: unknown } | null)?.motesKey === true;
      if (marked && name !== "default" && isKeySetting(value)) {
        const { type, default: fallback, doc } = value;
        return [
          name,
          {
            type,
            ...(fallback === undefined ? {} : { default: fallback }),
            ...(doc === undefined ? {} : { doc }),
          },
        ];
      }
      throw new Error(`the export "${name}" is no key: export const ${name} = key.number(1, "what it is")`);
    }),
  );
}
