import { randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { createRingPair, ringPairBytes } from "../../../transports/index.ts";
import type { AnyImage } from "../../image/image.ts";
import { Board } from "../board.ts";
import type { MappedRing, RingMemory } from "../ring-line.ts";
import type { Commons } from "../target.ts";
import { Bells } from "./bells.ts";
import { compiledForm } from "./compiled-form.ts";
import type { LoadedNative } from "./load-native.ts";
import type { Mapping, Native } from "./native.ts";
import { boardPath } from "./protocol.ts";
import { createRegion } from "./region.ts";
import { makeShmFolder } from "./shm-folder.ts";

/** Images that a host keeps open. */
const imagesMax = 32;

/** An image as children read it: by a descriptor that they inherit, or by its name, which can be neither listed nor guessed. */
interface OpenImage {
  readonly image: AnyImage;
  readonly file: string;
  readonly fd: number;
  readonly codeBytes: number;
  readonly cachedBytes: number;
}

/**
 * What a host shares with VMs that are processes: a folder below `/dev/shm` with the board, a named pipe for each place, and the
 * rings. All of it goes with `close`, or when the host's process exits; if that is killed, with the next host's sweep.
 */
export class ShmCommons implements Commons {
  readonly folder: string;
  readonly board: Board;
  readonly places: number;
  readonly addonPath: string;
  private readonly native: Native;
  private readonly bells: Bells;
  private readonly boardMapping: Mapping;
  private readonly images: OpenImage[] = [];
  private rings = 0;
  private readonly removeFolder = (): void => rmSync(this.folder, { recursive: true, force: true });

  constructor({ native, addonPath }: LoadedNative, places: number) {
    this.native = native;
    this.addonPath = addonPath;
    this.places = places;
    this.folder = makeShmFolder();
    process.on("exit", this.removeFolder);
    this.bells = new Bells(native, this.folder, "lets the loop end", { writeSync, Socket });
    this.boardMapping = createRegion(native, boardPath(this.folder), Board.bytes(places));
    this.board = new Board(this.boardMapping.buffer, (words, index, place) => {
      this.bells.make(place);
      return this.bells.at(words, index, place);
    });
  }

  ring(capacityBytes?: number): MappedRing {
    const path = join(this.folder, `ring-${++this.rings}-${randomBytes(16).toString("hex")}`);
    const mapping = createRegion(this.native, path, ringPairBytes(capacityBytes));
    createRingPair(mapping.buffer, capacityBytes === undefined ? {} : { capacityBytes });
    return { path, ...mapping };
  }

  release(ring: RingMemory): void {
    // Sound: `ring` has made it.
    const { path, close } = ring as MappedRing & Mapping;
    unlinkSync(path);
    close();
  }

  /** Written once. */
  image(image: AnyImage): OpenImage {
    const known = this.images.find((each) => each.image === image);
    if (known !== undefined) return known;
    const file = join(this.folder, `image-${randomBytes(16).toString("hex")}`);
    const code = Buffer.from(image.code);
    const compiled = compiledForm(image);
    const fd = openSync(file, "wx+", 0o600);
    writeWhole(fd, code);
    writeWhole(fd, compiled);
    // Whoever boots ever other images pays by slower boots, and not the host by its memory.
    if (this.images.length === imagesMax) this.forgetOldest();
    const made = { image, file, fd, codeBytes: code.length, cachedBytes: compiled.length };
    this.images.push(made);
    return made;
  }

  close(): void {
    process.off("exit", this.removeFolder);
    this.bells.close();
    this.boardMapping.close();
    for (const { fd } of this.images.splice(0)) closeSync(fd);
    this.removeFolder();
  }

  private forgetOldest(): void {
    const oldest = this.images.shift();
    if (oldest === undefined) return;
    closeSync(oldest.fd);
    unlinkSync(oldest.file);
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
