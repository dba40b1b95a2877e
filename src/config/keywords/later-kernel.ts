// Words of route and rule entries that have no effect yet.

/** Block, then one keyword a line: name :: arguments :: default :: meaning. */
export const LATER_KERNEL: Record<string, string> = {
  "route-entry": `
as :: [to] IP :: - :: Translated destination; for MPLS routes, which keepalived cannot make either
ttl-propagate :: enabled|disabled :: kernel :: MPLS TTL; the kernel heeds it for MPLS routes only, which keepalived cannot make either
`,
};
