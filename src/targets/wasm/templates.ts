import type { MachineImage, MachineOptions, Stopped } from "./machine.ts";
import type { Template } from "./template.ts";

/** Of a thread: each holds a file in memory. */
const templatesMax = 32;

/** The templates of a thread's images. Whoever boots ever other images pays by slower boots, and not the host by its memory. */
export class Templates {
  private readonly make: (first: MachineOptions) => Template | Stopped;
  private readonly made = new Map<MachineImage, Template>();

  constructor(make: (first: MachineOptions) => Template | Stopped) {
    this.make = make;
  }

  /** Of that VM's image. */
  for(first: MachineOptions): Template | Stopped {
    const found = this.made.get(first.image);
    if (found !== undefined) return found;
    const made = this.make(first);
    if (!isTemplate(made)) return made;
    if (this.made.size === templatesMax) this.forgetOldest();
    this.made.set(first.image, made);
    return made;
  }

  /** VMs that began as copies of it go on. */
  private forgetOldest(): void {
    const [oldest] = this.made;
    if (oldest === undefined) return;
    this.made.delete(oldest[0]);
    oldest[1].image.close();
  }
}

export const isTemplate = (made: Template | Stopped): made is Template =>
  typeof made === "object" && "image" in made;
