/** Texts that took time as the square of their length. */

import { describe, expect, test } from 'vitest';
import { formats, importList } from '../../src/public/formats.ts';

describe('hostile texts end', () => {
  test.each([
    ['netset', `${'#\n'.repeat(400_000)}192.0.2.1\n`],
    ['apache', `Require ip ${'1.2.3.4 \\\n'.repeat(80_000)}1.1.1.1\n`],
    ['pg-hba', `host all all ${'x \\\n'.repeat(80_000)}`],
    [
      'nftables',
      Array.from({ length: 16_000 }, (_, at) => `add set ip t s${at} { type ipv4_addr; }\n`).join('') +
        'delete table ip q\n'.repeat(16_000),
    ],
  ])('%s', (name, text) => {
    const format = formats.find((known) => known.name === name);
    const list = importList(text, { format: format ?? (name as never) });
    expect(list.entries.length).toBeLessThanOrEqual(80_001);
  });

  test('an end that no date can have is the last that there is', () => {
    const now = new Date('2026-01-01T00:00Z');
    const text = 'create s hash:ip timeout 0\nadd s 192.0.2.7 timeout 9000000000000\n';
    const { entries } = importList(text, { format: 'ipset', now });
    expect(entries.length).toBe(1);
    for (const { until } of entries) expect(until?.toJSON()).toBe('9999-12-31T23:59:59.999Z');
  });
});
