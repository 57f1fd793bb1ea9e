import { test } from "vitest";
import { MemoryLeases } from "../../../src/cluster/memory-lease-store.ts";
import { leaseStoreContract } from "../../contract/lease-store.ts";

const leases = new MemoryLeases();

leaseStoreContract({ name: "memory", open: async () => leases.open() }, test);
