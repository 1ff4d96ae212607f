/**
 * The slow, readable twin of the scanner: split, check each part, convert with BigInt. It shares no code with `src`.
 */

export interface GoldenAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

const decimalOctet = /^(0|[1-9][0-9]{0,2})$/;
const hexGroup = /^[0-9a-fA-F]{1,4}$/;

export function goldenAddress(text: string): GoldenAddress | undefined {
  if (text.length > 45) return undefined;
  const ipv4 = goldenIPv4(text);
  if (ipv4 !== undefined) return { family: 4, value: ipv4 };
  const ipv6 = goldenIPv6(text);
  return ipv6 === undefined ? undefined : { family: 6, value: ipv6 };
}

function goldenIPv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  if (!octets.every((octet) => decimalOctet.test(octet) && Number(octet) <= 255)) return undefined;
  return octets.reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}

function goldenIPv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (front === undefined) return undefined;
  const tail = (back ?? front).at(-1);
  if (tail?.includes('.')) {
    const ipv4 = goldenIPv4(tail);
    if (ipv4 === undefined) return undefined;
    (back ?? front).splice(-1, 1, (ipv4 >> 16n).toString(16), (ipv4 & 0xffffn).toString(16));
  }
  const missing = 8 - front.length - (back?.length ?? 0);
  if (back === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = back === undefined ? front : [...front, ...Array<string>(missing).fill('0'), ...back];
  if (!groups.every((group) => hexGroup.test(group))) return undefined;
  return groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

const MAPPED = 0xffffn << 32n;

/** What a policy takes a client for: zones dropped, IPv4-mapped as IPv4. */
export function goldenClient(client: unknown): (GoldenAddress & { readonly zone?: string }) | undefined {
  if (typeof client !== 'string') return undefined;
  const percent = client.indexOf('%');
  const zone = percent < 0 ? undefined : client.slice(percent + 1);
  if (zone !== undefined && !/^[\x21-\x7e]{1,64}$/.test(zone)) return undefined;
  const address = goldenAddress(percent < 0 ? client : client.slice(0, percent));
  if (address === undefined) return undefined;
  if (zone !== undefined && address.family === 4) return undefined;
  const rest = zone === undefined ? {} : { zone };
  if (address.family === 6 && address.value >> 32n === 0xffffn) {
    return { family: 4, value: address.value - MAPPED, ...rest };
  }
  return { ...address, ...rest };
}

/** RFC 5952, from the number. */
export function goldenText(family: 4 | 6, value: bigint): string {
  if (family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  }
  if (value >> 32n === 0xffffn) return `::ffff:${goldenText(4, value & 0xffffffffn)}`;
  const groups = Array.from({ length: 8 }, (_, group) =>
    ((value >> BigInt(112 - group * 16)) & 0xffffn).toString(16),
  );
  const full = groups.join(':');
  // The longest run of at least two zeros; ties go to the first.
  for (let length = 8; length >= 2; length--) {
    for (let from = 0; from + length <= 8; from++) {
      if (groups.slice(from, from + length).every((group) => group === '0')) {
        return `${groups.slice(0, from).join(':')}::${groups.slice(from + length).join(':')}`;
      }
    }
  }
  return full;
}
