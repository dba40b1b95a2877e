// How long the fuzz tests try.

/** Cases of a property: 20,000 in CI, fewer at a desk. FUZZ_RUNS says otherwise. */
export const RUNS = Number(process.env["FUZZ_RUNS"] ?? ((process.env["CI"] ?? "") === "" ? 2000 : 20_000));

/** Milliseconds that a property may take on a slow machine: a hang ends here. */
export const PATIENCE = Math.min(400_000, Math.max(60_000, RUNS * 20));
