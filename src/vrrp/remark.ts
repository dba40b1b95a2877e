// What is odd about an advert that is used all the same: bits, each logged once and counted where RFC 8347 counts.

/** Every remark; the bit of a remark is 1 << its index. */
export const REMARKS = ["address_list", "first_address", "interval", "checksum_form", "owner"] as const;

/** An oddity of an advert that is used. */
export type Remark = (typeof REMARKS)[number];

export const REMARK_ADDRESS_LIST = 1;
export const REMARK_FIRST_ADDRESS = 2;
export const REMARK_INTERVAL = 4;
export const REMARK_CHECKSUM_FORM = 8;
export const REMARK_OWNER = 16;

const SENTENCES: Readonly<Record<Remark, string>> = {
  address_list: "it lists other addresses than ours; set the same virtual_ipaddress on all routers",
  first_address: "its first IPv6 address is not link-local; routers that follow RFC 9568 ignore such adverts",
  interval: "its advertisement interval is not ours; while it is master, its interval decides",
  checksum_form:
    "it uses the other checksum form of VRRPv3 over IPv4 than we send and may not accept ours; see v3_checksum_as_v2 and old_unicast_checksum",
  owner: "it too claims to own the addresses (priority 255); give one of the routers a lower priority",
};

/** What is odd and the cure: a clause to put after "an advert from A: ". */
export function describeRemark(remark: Remark): string {
  return SENTENCES[remark];
}

/** The remarks behind a set of bits. */
export function remarkNames(bits: number): Remark[] {
  return REMARKS.filter((_, index) => (bits & (1 << index)) !== 0);
}
