/**
 * Devices: what a program may be given from outside its VM, and must have declared. `listen` and `connect` are the network, `store` is
 * files, `spawn` is OS processes and threads, `vms` is more VMs, `env` is the host's environment, `log` is terminals and log devices.
 */
export const devices = ["listen", "connect", "store", "spawn", "vms", "env", "log"] as const;

export type Device = (typeof devices)[number];

export const isDevice = (name: unknown): name is Device => devices.some((device) => device === name);
