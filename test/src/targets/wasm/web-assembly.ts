/** WebAssembly as tests use it, for whom nobody declares it. */
interface Memory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

interface WebAssemblyNames {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => object;
  readonly Memory: new (descriptor: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => Memory;
}

// Sound: as its standard has them. The types that come with Node 20 have none of them.
export const { Module, Instance, Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyNames })
  .WebAssembly;
