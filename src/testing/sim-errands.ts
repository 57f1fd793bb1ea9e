import { addressOf, crashOf } from "../../kernel/index.ts";
import type { Errand, Operated } from "../cluster/errand.ts";
import { srcError } from "../errors.ts";
import { checkBoot } from "../host/boot-options.ts";
import type { BootOutcome, Errands } from "../host/host-actor.ts";
import { neverMade } from "../host/start-root.ts";
import type { SimHost } from "./sim-host.ts";

/** What a simulated host does for others: it boots whatever they ask, as far as it has room. Every host has the program. */
export class SimErrands implements Errands {
  private readonly host: SimHost;
  private readonly program: string;

  /** `program`: the name of the unikernel that is booted where none is named. */
  constructor(host: SimHost, program: string) {
    this.host = host;
    this.program = program;
  }

  knows(): boolean {
    return true;
  }

  async boot({ entry = this.program, args, owner, image: _image, ...request }: Errand): Promise<BootOutcome> {
    try {
      checkBoot({ ...request, entry, args });
      return await this.host.bootHere({ ...request, entry }, args, owner);
    } catch (problem) {
      return neverMade(crashOf(problem));
    }
  }

  async piece(): Promise<number> {
    return 0;
  }

  kill(host: string, vm: number): void {
    const kept = this.host.kept.get(vm);
    if (kept !== undefined && addressOf(kept.owner).host === host) this.host.kill(vm);
  }

  async operate(op: string): Promise<Operated> {
    const { code, message } = srcError("HOST_NOT_MANAGED", { op, known: [] });
    return { type: "failed", code, message };
  }
}
