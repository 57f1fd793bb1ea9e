import { refTo, addressOf, type Ref } from "../../kernel/index.ts";
import {
  replace,
  serviceStatus,
  type ReplaceResult,
  type ServiceProtocol,
  type ServiceStatus,
} from "../../supervisors/index.ts";
import { srcError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { AnyImage } from "../image/image.ts";
import { imageAt } from "./image-at.ts";

/** A service of a host, for people. */
export interface ServiceInfo extends ServiceStatus {
  /** The VM that it is an actor of. */
  readonly home: number;
}

/** What is to be replaced by what. */
export interface ReplaceOrder {
  readonly service: string;
  /** A sealed image, or a program's source; an absolute path. */
  readonly file: string;
  readonly force: boolean;
}

/** The services of one host, as operators see them. Keeps the images that they were replaced by, as long as they run them. */
export class Services {
  private readonly host: Host;
  private readonly images = new Map<string, string>();
  private replaced = 0;

  constructor(host: Host) {
    this.host = host;
  }

  async list(): Promise<readonly ServiceInfo[]> {
    const found = await Promise.all(
      this.host.announced.map(async ({ ref }) => {
        try {
          return [{ ...(await serviceStatus(this.host.self, serviceAt(ref))), home: addressOf(ref).home.vm }];
        } catch {
          // It has ended meanwhile, or is no service.
          return [];
        }
      }),
    );
    return found.flat();
  }

  /** `digest`: of an image that another host has sent, in place of the file. Throws `SERVICE_UNKNOWN`, and what opening the image throws; whatever goes wrong later is in the result. */
  async replace({ service, file, force }: ReplaceOrder, digest?: string): Promise<ReplaceResult> {
    const { announced } = this.host;
    const fits = announced.filter(({ name }) => name === service);
    const [one] = fits;
    if (one === undefined || fits.length > 1)
      throw srcError("SERVICE_UNKNOWN", { service, known: announced.map(({ name }) => name) });
    const image = digest === undefined ? await imageAt(file, {}) : this.sent(digest);
    const key = `${service} ${++this.replaced}`;
    this.host.keep(key, image);
    const result = await replace(this.host.self, serviceAt(one.ref), { image: key, force });
    const before = this.images.get(service);
    if (result.ok) {
      this.images.set(service, key);
      if (before !== undefined) this.host.drop(before);
    } else this.host.drop(key);
    return result;
  }

  private sent(digest: string): AnyImage {
    const image = this.host.errands?.image(digest);
    if (image !== undefined) return image;
    throw srcError("IMAGE_UNKNOWN", { image: digest, known: [] });
  }
}

/** Sound as far as it goes: one that is no service does not know the operations that it is asked for here. */
const serviceAt = (ref: Ref<never>): Ref<ServiceProtocol> => refTo<ServiceProtocol>(addressOf(ref));
