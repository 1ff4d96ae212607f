/** The command as npm installs it, in a folder with the lists and logs that its examples name. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createPolicy } from '../../src/public/index.ts';
import { encodePolicy } from '../../src/public/snapshot.ts';
import { installStranger, type Stranger } from './package.ts';
import { environmentOf } from './terminal.ts';

/** A log in the combined format, whose clients come from each of the lists below and from elsewhere. */
export const accessLog: string = [
  '203.0.113.9 - - [03/Mar/2025:08:58:11 +0000] "GET / HTTP/1.1" 200 5316 "-" "Mozilla/5.0"',
  '198.51.100.25 - - [03/Mar/2025:08:58:40 +0000] "GET /login HTTP/1.1" 403 10 "-" "curl/8.5.0"',
  '192.0.2.66 - - [03/Mar/2025:08:59:02 +0000] "POST /login HTTP/1.1" 403 10 "-" "curl/8.5.0"',
  '2001:db8:40::17 - - [03/Mar/2025:09:00:00 +0000] "GET / HTTP/2.0" 200 5316 "-" "Mozilla/5.0"',
  '192.0.2.66 - - [03/Mar/2025:09:00:12 +0000] "GET /admin HTTP/1.1" 403 10 "-" "curl/8.5.0"',
  'unknown - - [03/Mar/2025:09:10:00 +0000] "GET / HTTP/1.1" 400 10 "-" "-"',
  '',
].join('\n');

const bad = '192.0.2.0/24 # Scanners\n198.51.100.25 # Brute force\n';

/** What the examples read. A list of a name that is not here is a mistake of an example. */
export const files: Readonly<Record<string, string | Uint8Array>> = {
  'office.txt': '203.0.113.0/24 # Office\n2001:db8:40::/48 # Office\n',
  'office-new.txt': '203.0.113.0/25 # Office\n2001:db8:40::/48 # Office\n198.51.100.20 # VPN\n',
  'guests.txt': '203.0.113.128/25 # Guests\n',
  'bad.txt': bad,
  'bad.ipv': encodePolicy(createPolicy({ deny: bad })),
  'clients.txt': '203.0.113.9\n192.0.2.66\n',
  'nginx.conf': 'allow 203.0.113.0/24;\ndeny all;\n',
  'rules.json':
    '{ "otherwise": "deny", "rules": [{ "deny": "bad.txt" }, { "allow": ["203.0.113.0/24 # Office"] }] }\n',
  'access.log': accessLog,
  'access.log.gz': gzipSync(accessLog),
  'app.ndjson': '{"client":{"address":"192.0.2.66"},"path":"/"}\n{"client":{"address":"203.0.113.9"}}\n',
  'clients.csv': 'time,path,client\n08:58,/,192.0.2.66\n08:59,/,203.0.113.9\n',
  'app.log': accessLog,
  'app.log.gz': gzipSync(accessLog),
};

/** How a program of the shell ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which `ipverdict` is installed. */
export class Installed {
  readonly #stranger: Stranger;
  readonly folder: string;
  /** The file that the shell runs for `ipverdict`. */
  readonly bin: string;

  constructor() {
    this.#stranger = installStranger();
    this.folder = this.#stranger.folder;
    this.bin = join(this.folder, 'node_modules', '.bin', 'ipverdict');
    this.write(files);
  }

  write(given: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(given)) writeFileSync(join(this.folder, name), content);
  }

  makeFolder(name: string): void {
    mkdirSync(join(this.folder, name));
  }

  /** The environment in which a shell finds `ipverdict`. */
  environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
    const path = `${join(this.folder, 'node_modules', '.bin')}:${process.env['PATH']}`;
    return { PATH: path, ...extra };
  }

  /** Runs a program of the shell in the folder. */
  sh(program: string, extra: Readonly<Record<string, string>> = {}, input: string | Uint8Array = ''): Ended {
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', program], {
      cwd: this.folder,
      env: environmentOf(this.environment(extra)),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      input,
    });
    return { status, stdout, stderr };
  }

  remove(): void {
    this.#stranger.remove();
  }
}

/** Characters that steer a terminal or cannot be seen, but for the ends of lines. */
export function steeringCharacters(text: string): string[] {
  return Array.from(text).filter(
    (character) => /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character) && character !== '\n',
  );
}
