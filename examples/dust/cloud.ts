/** Ten thousand motes, wherever there is room; each minute one in twenty is retired and made anew. */
import { cloud, image } from "motes/cloud";

export default cloud({
  name: "dust",
  roles: {
    mote: {
      run: image("./mote.ts", { args: ["{ordinal}"] }),
      count: Number(process.env["DUST_VMS"] ?? 10_000),
      targets: ["wasm-packed"],
      memoryMb: 1,
      churn: { fraction: 0.05, everyMs: 60_000 },
    },
  },
});
