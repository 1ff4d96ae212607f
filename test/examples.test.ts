/** The examples, run as a reader runs them: as programs, judged by what they print. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './support/package.ts';
import { environmentOf } from './support/terminal.ts';

const folder = join(projectRoot, 'examples');

function run(name: string): { status: number | null; stdout: string; stderr: string } {
  const words = [join(folder, name), '--once'];
  const options = { cwd: projectRoot, env: environmentOf(), encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, words, options);
  return { status, stdout, stderr };
}

describe('the examples', () => {
  const outputs: Record<string, readonly string[]> = {
    'quick-start.js': [
      '203.0.113.9 allow listed Office\n',
      '::ffff:198.51.100.7 allow listed Build server\n',
      '192.0.2.1 deny not-listed',
      'unknown deny invalid-address',
    ],
    'explain.js': [
      '198.51.100.70 is denied: line 3 (198.51.100.64 - 198.51.100.127, note "Scanners") of the deny list covers it.\n',
      '  deny line 3: 198.51.100.64 - 198.51.100.127 (Scanners)\n  deny line 2: 198.51.100.0/24 (Hosting network)\n',
      '198.51.100.99 is allowed: line 1 (198.51.100.99, note "Uptime probe") of the exemptions covers it',
      '192.0.2.1 is allowed: no entry of the deny list covers it.\n',
      'fe80::1 (zone "eth0") is allowed',
      'The client "198.51.100.7:443" is denied: ',
    ],
    'editor-diagnostics.js': [
      '  2 | 203.0.113.0/255.255.255.0\n    |             ^^^^^^^^^^^^^ error prefix-length-invalid\n',
      '  3 | 198.51.100.7:443   # Build server\n    |             ^^^^ error trailing-text\n',
      '  4 | 198.51.100.*       # VPN\n    |            ^ error invalid-character\n',
      '    | ~~~~~~~~~~~~~ warning host-bits-set\n',
      '    | ~~~~~~~~~~~~~~~~~~~~~~ warning duplicate\n',
      'Preview: 203.0.113.0/24, 192.0.2.64/28, 203.0.113.0/24\n',
      'Saving is refused: 3 lines have errors.\n',
    ],
    'preview-change.js': [
      'Gain access: 0 IPv4 and 1208925819614629174706176 IPv6 addresses\n  2001:db8:41::/48\n',
      'Lose access: 128 IPv4 and 0 IPv6 addresses\n  203.0.113.128/25\n',
      'Of 6 requests, 2 would be denied and 1 allowed:\n  203.0.113.200 (2): allow → deny\n  2001:db8:41::1 (1): deny → allow\n',
      'The new list at its smallest: 198.51.100.0/24 203.0.113.0/25 2001:db8:40::/47\n',
    ],
    'lock-out-guard.js': [
      'Not saved (must-allow): ',
      '203.0.113.9 is denied: no entry of the allow list covers it.\n  203.0.113.9: allow\n',
      '\nSaved.\n  203.0.113.9: allow\n',
    ],
    'managing-lists.js': [
      'Add the office\n  Log: In the allow list, 2 entries with the note "Office" were added (203.0.113.0/24, 2001:db8:12::/48).\n  Now: Only 2 entries have access.\n',
      '  Refused: addresses 2:12: octet "300" is above 255\n  Now: Only 2 entries have access.\n',
      '  Warning: line 4: the same as "198.51.100.7" on line 3, which is the one that counts\n  Now: Only 4 entries (in 2 groups) have access.\n',
      '  Log: In the allow list, 1 entry with the note "CI" was added (198.51.100.8) and the note of 1 entry was changed from "Build servers" to "CI" (198.51.100.7).\n',
      '  Log: In the allow list, 1 entry with the note "Office" was removed (2001:db8:12::/48).\n',
      'Remove the office\n  Refused: mustAllow 1:1: the guard fails: 203.0.113.9 is denied',
      '\n203.0.113.0/24 # Office\n198.51.100.7 # CI\n198.51.100.8 # CI\n\n203.0.113.9: Office\n',
      'After a switch: No addresses have been added and everyone has access.\nTo be copied first: 3 lines\n',
    ],
    'check-list.js': [
      '2:1 warning mergeable (can be fixed)\n  fills 8.8.8.0/24 together with line 3: write that instead\n',
      '5:1 warning range-on-two-lines\n',
      '# Offices\n8.8.8.0/24        # North\n9.9.9.0           # South\n',
      '8.8.8.200: allow before, allow after\n9.9.9.9: deny before, deny after\n',
    ],
    'country-matcher.js': [
      '203.0.113.9: NZ by 203.0.113.0/24, served\n',
      '::ffff:203.0.113.200: AU by 203.0.113.128/25, not served\n',
      '198.51.100.99: DE by 198.51.100.0-198.51.100.99, served\n',
      '192.0.2.1: no known network, not served\n',
      '2001:db8:40::17 is covered by BE 2001:db8:40::/48, then FR 2001:db8::/32\n',
    ],
    'behind-a-proxy.js': [
      '10.0.0.5 with "203.0.113.9": 203.0.113.9 by the header, past 1: deny\n',
      '10.0.0.5 with "192.0.2.66, 203.0.113.9, 10.0.0.7": 203.0.113.9 by the header, past 2: deny\n',
      'Warning (untrusted-peer): ',
      '203.0.113.9 with "192.0.2.66": 203.0.113.9 by the peer, past 0: deny\n',
      '10.0.0.5 with "203.0.113.9, 198.51.100.7:51324": 198.51.100.7 by the header, past 1: allow\n',
      'Warning (malformed-header): ',
      '10.0.0.5 with "unknown": nobody by the header, past 1: deny\n',
      'Warning (missing-header): ',
      '10.0.0.5 with no header: nobody by the ',
    ],
    'tenants.js': [
      'red: 403 Forbidden\n',
      'green: 403 Forbidden\n',
      'blue: 200 Welcome to blue\n',
      'violet: 403 Forbidden\n',
    ],
    'json-preview.js': ['"203.0.113.128/25"', '"newlyDenied": 2', '"code": "invalid-character"'],
    'node-server.js': [
      'allow (not-listed)\n',
      '200 Welcome, 127.0.0.1 (Cache-Control: private)\n',
      'deny (listed)\n403 Forbidden (Cache-Control: no-store)\n',
    ],
  };

  it('are all tested here and all listed in their README', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
    expect(names.sort()).toEqual(Object.keys(outputs).sort());
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const name of [...names, ...readdirSync(join(folder, 'demo'))]) expect(readme).toContain(name);
  });

  it.each(Object.entries(outputs))('%s prints what it promises', (name, expected) => {
    const { status, stdout, stderr } = run(name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const part of expected) expect(stdout).toContain(part);
  });

  it('node-server.js serves until it is stopped', async () => {
    const server = spawn(process.execPath, [join(folder, 'node-server.js')], { env: environmentOf() });
    try {
      const [line] = await once(server.stdout, 'data');
      const url = /^Serving at (http:\/\/127\.0\.0\.1:\d+\/)\n$/.exec(String(line))?.[1] ?? '';
      const response = await fetch(url);
      expect([response.status, await response.text()]).toEqual([200, 'Welcome, 127.0.0.1\n']);
    } finally {
      server.kill();
    }
  });
});
