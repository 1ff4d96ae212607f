/**
 * The programs that enforce lists elsewhere. A test hands one of them a configuration and asks what it decides about each
 * client, so that readers and writers are compared with the program itself and not with what a page says about it.
 */

import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { canOpenNamespace } from './namespace.ts';
import { releaseEverything } from './process.ts';

/** `allow`, `deny`, or what a map says about the client: the value to the letter. */
export type Answer = string;

/** A program that runs with one configuration, until it is stopped. */
export interface Engine {
  /** What it decides about each client, in their order. Throws where a client cannot be presented to it. */
  ask(clients: readonly string[]): Promise<readonly Answer[]>;
  /** Ends the program and removes its files. A second call does nothing. */
  stop(): Promise<void>;
}

/** What the program's own check of a configuration says. */
export interface Checked {
  readonly isAccepted: boolean;
  /** Its errors and warnings as it prints them; warnings stand here for an accepted text, too. */
  readonly message: string;
}

/** What being in a set means: `deny` unless a test says that the set is an allow list. */
export type Mode = 'allow' | 'deny';

export function answerOf(isListed: boolean, mode: Mode = 'deny'): Mode {
  return isListed === (mode === 'deny') ? 'deny' : 'allow';
}

export type EngineName =
  | 'nginx'
  | 'haproxy'
  | 'apache'
  | 'caddy'
  | 'nftables'
  | 'ipset'
  | 'iptables'
  | 'postgres'
  | 'mmdblookup'
  | 'tcpdmatch';

interface Needs {
  readonly programs: readonly string[];
  /** The package of Debian that has them. */
  readonly package: string;
  /** Whether it runs in a network namespace, where any address is ours. */
  readonly inNamespace?: true;
  readonly asRoot?: true;
}

const needs: Readonly<Record<EngineName, Needs>> = {
  nginx: { programs: ['nginx'], package: 'nginx' },
  haproxy: { programs: ['haproxy'], package: 'haproxy' },
  apache: { programs: ['apache2'], package: 'apache2' },
  caddy: { programs: ['caddy'], package: 'caddy', inNamespace: true },
  nftables: { programs: ['nft'], package: 'nftables', inNamespace: true },
  ipset: { programs: ['ipset'], package: 'ipset', inNamespace: true },
  iptables: { programs: ['iptables-restore', 'ip6tables-restore'], package: 'iptables', inNamespace: true },
  postgres: { programs: ['initdb', 'postgres'], package: 'postgresql', inNamespace: true, asRoot: true },
  mmdblookup: { programs: ['mmdblookup'], package: 'mmdb-bin' },
  tcpdmatch: { programs: ['tcpdmatch'], package: 'tcpd' },
};

/** Where programs are that Debian leaves out of the path of users, and PostgreSQL out of that of everybody. */
function foldersOfPrograms(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const postgres = '/usr/lib/postgresql';
  const versions = existsSync(postgres) ? readdirSync(postgres).sort().reverse() : [];
  return [...folders, '/usr/sbin', '/sbin', ...versions.map((version) => join(postgres, version, 'bin'))];
}

/** The path of a program, or undefined where there is none. */
function findProgram(name: string): string | undefined {
  return foldersOfPrograms()
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** The path of a program that a test has made sure of with `describeWith`. */
export function programOf(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

/** What is missing for an engine, as words for the title of a skip; undefined where it can run. */
export function whatIsMissing(name: EngineName, find: typeof findProgram = findProgram): string | undefined {
  const wanted = needs[name];
  if (wanted.programs.some((program) => find(program) === undefined))
    return `${name} (Debian package ${wanted.package})`;
  if (wanted.inNamespace && !canOpenNamespace()) return `network namespaces (unshare -n) for ${name}`;
  if (wanted.asRoot && process.getuid?.() !== 0) return `the rights of root for ${name}`;
  return undefined;
}

/**
 * A `describe` of tests that ask engines. Where one of them cannot run, all tests in it are skipped, and the title says
 * what they need. At the end nothing runs any more, whatever became of the tests.
 */
export function describeWith(
  names: EngineName | readonly EngineName[],
  title: string,
  body: () => void,
): void {
  const missing = [names]
    .flat()
    .map((name) => whatIsMissing(name))
    .filter((words) => words !== undefined);
  if (missing.length > 0) {
    // The usual report counts what is skipped, and does not name it.
    process.stderr.write(`${title} is left out: it needs ${missing.join(' and ')}.\n`);
    describe.skip(`${title}: needs ${missing.join(' and ')}`, body);
    return;
  }
  describe(title, () => {
    afterAll(releaseEverything);
    body();
  });
}

/** Asks an engine and stops it, whatever happens. */
export async function askOnce(
  starting: Promise<Engine>,
  clients: readonly string[],
): Promise<readonly Answer[]> {
  const engine = await starting;
  try {
    return await engine.ask(clients);
  } finally {
    await engine.stop();
  }
}

/** Which of some texts a check accepts. */
export async function accepts(
  check: (text: string) => Promise<Checked>,
  texts: readonly string[],
): Promise<readonly boolean[]> {
  const results: boolean[] = [];
  for (const text of texts) results.push((await check(text)).isAccepted);
  return results;
}

/** The canonical text of an address by the platform's own parser; IPv4-mapped addresses are IPv4. */
export function platformText(address: string): string {
  if (!address.includes(':')) return new URL(`http://${address}`).hostname;
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const groups = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text)?.slice(1);
  if (groups === undefined) return text;
  const [high = 0, low = 0] = groups.map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
