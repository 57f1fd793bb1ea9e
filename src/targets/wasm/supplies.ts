import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { AnyImage } from "../../image/image.ts";
import { Origins } from "../../image/origins.ts";
import { portable } from "../../image/portable.ts";
import { compileQuickjs } from "./compile-quickjs.ts";
import type { Isolation } from "./isolation.ts";
import type { WorkerOptions } from "./protocol.ts";

const here = fileURLToPath(import.meta.url);

/** The worker's half of all VMs, and where its packages are found. */
export type Equipment = Pick<WorkerOptions, "from" | "code" | "quickjs">;

/** A program as QuickJS runs it. */
export interface Bundled {
  readonly code: string;
  readonly origins: Origins;
}

/** What VMs of a target are made of, whichever host they are of: made when it is first asked for, and once. It holds no VM and no thread. */
export class Supplies {
  private readonly isolation: Isolation;
  private readonly bundles = new WeakMap<AnyImage, Promise<Bundled>>();
  private made: Promise<Equipment> | undefined = undefined;

  constructor(isolation: Isolation) {
    this.isolation = isolation;
  }

  bundle(image: AnyImage): Promise<Bundled> {
    let bundled = this.bundles.get(image);
    if (bundled === undefined) {
      bundled = Promise.resolve(image.portable ?? portable(image)).then(({ code, sourceMap }) => ({
        code,
        origins: new Origins(sourceMap),
      }));
      // What cannot be made now is tried again by the next one who asks.
      bundled.catch(() => this.bundles.delete(image));
      this.bundles.set(image, bundled);
    }
    return bundled;
  }

  equipment(): Promise<Equipment> {
    if (this.made === undefined) {
      const anyMemory = this.isolation === "wasm-instance";
      this.made = Promise.all([workerCode(), compileQuickjs({ anyMemory })]).then(([code, quickjs]) => ({
        from: here,
        code,
        quickjs,
      }));
      this.made.catch(() => (this.made = undefined));
    }
    return this.made;
  }
}

/** The worker's half in one script: from source or compiled, a thread runs it without a loader. */
async function workerCode(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { serve } from ${JSON.stringify(join(dirname(here), `worker${extname(here)}`))}; serve();`,
      resolveDir: dirname(here),
      sourcefile: "motes:worker",
      loader: "js",
    },
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["quickjs-emscripten-core", "@jitl/*", "koffi"],
    // `import()` in it would look for packages from where the host was started, `require` looks from where motes lies.
    supported: { "dynamic-import": false },
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
