/**
 * A slow reader of snapshots, written from `docs/snapshot-format.md` alone, as one in another language would be. It checks
 * nothing.
 */

/** What a snapshot says about an address. */
export interface GoldenAnswer {
  readonly verdict: 'allow' | 'deny';
  readonly reason: string;
  readonly text: string | undefined;
  readonly note: string | undefined;
  readonly line: number | undefined;
}

interface GoldenTable {
  readonly size: number;
  readonly flags: number;
}

class Bytes {
  readonly bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.bytes[this.#at++] as number);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return Number(value);
    }
  }

  signed(): number {
    return signedOf(this.varint());
  }

  skip(count: number): void {
    this.#at += count;
  }
}

function signedOf(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split('\n').slice(0, -1);
}

export class GoldenSnapshot {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #flags: number;
  readonly #words: readonly number[];
  readonly #tables: GoldenTable[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#flags = this.#u32(48);
    this.#words = this.#readWords();
    const tables = new Bytes(this.#section(2));
    while (!tables.isAtEnd) {
      const [size, flags] = [tables.varint(), tables.varint()];
      if (flags & 16) tables.skip(tables.varint());
      this.#tables.push({ size, flags });
    }
  }

  answer(family: 4 | 6, address: bigint): GoldenAnswer {
    const label = this.#find(family, address);
    const size = this.#u32(52);
    const exemptions = this.#u32(56);
    const allows = (this.#flags & 1) !== 0;
    const isRules = (this.#flags & 4) !== 0;
    const nothing = { text: undefined, note: undefined, line: undefined };
    const named = (isAllowed: boolean): 'allow' | 'deny' => (isAllowed ? 'allow' : 'deny');
    if (label === 0) {
      if (!isRules && size === 0)
        return { verdict: named((this.#flags & 2) !== 0), reason: 'empty-list', ...nothing };
      return { verdict: named(!allows), reason: 'not-listed', ...nothing };
    }
    if ((this.#flags & 16) === 0) {
      if (label === 1) return { verdict: 'allow', reason: 'exempt', ...nothing };
      return { verdict: named(label === 2 && (this.#flags & 512) !== 0), reason: 'listed', ...nothing };
    }
    const last = this.#tables.length - 1;
    if (label <= exemptions) return { verdict: 'allow', reason: 'exempt', ...this.#entry(last, label - 1) };
    let rest = label - exemptions - 1;
    for (const wanted of [4, 0]) {
      for (const [index, { size: count, flags }] of this.#tables.entries()) {
        if (index === last || flags & 8 || (flags & 4) !== wanted) continue;
        if (rest < count)
          return { verdict: named(wanted === 4), reason: 'listed', ...this.#entry(index, rest) };
        rest -= count;
      }
    }
    throw new Error('a label of nobody');
  }

  #entry(table: number, index: number): Pick<GoldenAnswer, 'text' | 'note' | 'line'> {
    let before = 0;
    let numbered = 0;
    for (const { size, flags } of this.#tables.slice(0, table)) {
      before += size;
      if (flags & 2) numbered += size;
    }
    const isLarge = (this.#flags & 256) !== 0;
    const text = (linesOf(this.#section(3))[before + index] as string).trim();
    let note = 0;
    const noteOf = new Bytes(this.#section(7));
    if (isLarge && !noteOf.isAtEnd) note = this.#i32(this.#section(7), before + index);
    else for (let at = 0; at <= before + index && !noteOf.isAtEnd; at++) note = noteOf.varint();
    let line = index + 1;
    if ((this.#tables[table] as GoldenTable).flags & 2) {
      const lines = new Bytes(this.#section(8));
      line = 0;
      if (isLarge) line = this.#i32(this.#section(8), numbered + index);
      else for (let at = 0; at <= numbered + index; at++) line += lines.signed();
    }
    return { text, note: linesOf(this.#section(5))[note - 1], line };
  }

  #u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  #i32(bytes: Uint8Array, index: number): number {
    return new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * index, true);
  }

  #section(id: number): Uint8Array {
    for (let row = 0; row < this.#u32(40); row++) {
      if (this.#u32(80 + 16 * row) !== id) continue;
      const offset = this.#u32(84 + 16 * row);
      return this.#bytes.subarray(offset, offset + this.#u32(88 + 16 * row));
    }
    return new Uint8Array(0);
  }

  #readWords(): number[] {
    const tree = this.#section(1);
    const [width4, width6, root6, count] = [0, 1, 2, 3].map((index) => this.#i32(tree, index)) as [
      number,
      number,
      number,
      number,
    ];
    if (this.#flags & 256) return Array.from({ length: count }, (_, index) => this.#i32(tree, 4 + index));
    const packed = new Bytes(tree.subarray(16));
    const words: number[] = [];
    let previous = 0;
    while (words.length < count) {
      const at = words.length;
      const isRoot = at < 2 ** width4 || (at >= root6 - 1 && at < root6 + 2 ** width6);
      const times = isRoot ? packed.varint() : 1;
      const value = packed.varint();
      const n = Math.floor(value / 3);
      let word = n;
      if (value % 3 === 1) {
        const offset = previous + signedOf(Math.floor(n / 32));
        if (offset < count) previous = offset;
        word = ~((offset << 5) | (n % 32));
      } else if (value % 3 === 2) word = at + signedOf(n);
      for (let time = 0; time < times; time++) words.push(word);
    }
    return words;
  }

  #find(family: 4 | 6, address: bigint): number {
    const words = this.#words;
    const tree = this.#section(1);
    const bits = family === 4 ? 32 : 128;
    const field = (start: number, width: number): number =>
      Number((address >> BigInt(bits - start - width)) & ((1n << BigInt(width)) - 1n));
    const root6 = this.#i32(tree, 2);
    let index = field(0, this.#i32(tree, 0));
    if (family === 6) index = field(0, 3) === 1 ? root6 + field(3, this.#i32(tree, 1)) : root6 - 1;
    let value = words[index] as number;
    for (;;) {
      if (value >= 2 ** 30) {
        const edge = value - 2 ** 30;
        let limit = 0n;
        for (let word = 0; word < bits / 32; word++)
          limit = (limit << 32n) | BigInt((words[edge + 2 + word] as number) >>> 0);
        value = words[edge + (address < limit ? 0 : 1)] as number;
      } else if (value >= 0) return value;
      else {
        const node = ~value >>> 5;
        const kind = ~value & 31;
        if (kind === 16) value = words[node + (this.#isInside(family, node, field) ? 0 : 1)] as number;
        else {
          const [start, width] =
            kind < 16 ? [kind * 8, 8] : kind < 25 ? [(kind - 17) * 16, 16] : [(kind - 24) * 16, 12];
          const x = field(start, width);
          const pair = node + 2 * Math.floor(x / 32);
          let begun = 0;
          for (let bit = 0; bit <= x % 32; bit++) begun += ((words[pair] as number) >>> bit) & 1;
          value = words[(words[pair + 1] as number) + begun] as number;
        }
      }
    }
  }

  #isInside(family: 4 | 6, node: number, field: (start: number, width: number) => number): boolean {
    const header = this.#words[node + 2] as number;
    const isSame = (word: number, at: number, ignored: number): boolean =>
      field(word * 32, 32) >>> ignored === (this.#words[node + at] as number) >>> ignored;
    if (family === 4) return isSame(0, 3, header);
    const [a, b] = [header & 3, (header >>> 2) & 3];
    return isSame(a, 3, (header >>> 4) & 31) && isSame(b, 4, header >>> 9);
  }
}
