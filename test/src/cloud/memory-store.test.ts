import { test } from "vitest";
import { MemoryStore } from "../../../src/cloud/memory-store.ts";
import { cloudStoreContract } from "../../contract/cloud-store.ts";

const store = new MemoryStore((work) => queueMicrotask(work));
cloudStoreContract({ name: "memory", open: () => Promise.resolve(store) }, test);
