/** PostgreSQL: pg_hba.conf, asked by real connections, and read by the server itself. */

import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, askOnce, type Checked, type Engine, programOf } from './engine.ts';
import { type Command, Folder, run } from './process.ts';
import { type Needed, startEngine, withNeeded } from './starting.ts';

export interface PostgresOptions {
  readonly database?: string;
  readonly user?: string;
}

/** A row of `pg_hba_file_rules`. */
export interface HbaRule {
  readonly line_number: number;
  readonly type: string | null;
  readonly database: readonly string[] | null;
  readonly user_name: readonly string[] | null;
  readonly address: string | null;
  readonly netmask: string | null;
  readonly auth_method: string | null;
  readonly options: readonly string[] | null;
  readonly error: string | null;
}

const PORT = 5432;
/** Nobody: the server refuses to run as root. */
const OWNER = 65_534;
const asOwner: Command = [
  'setpriv',
  `--reuid=${OWNER}`,
  `--regid=${OWNER}`,
  '--clear-groups',
  '--pdeathsig=KILL',
  '--',
];

/** Empty databases that no server uses now. Making one takes a second. */
const free: Folder[] = [];

async function emptyDatabase(): Promise<Folder> {
  for (let folder = free.pop(); folder !== undefined; folder = free.pop())
    if (!folder.isRemoved) return folder;
  const folder = new Folder();
  chownSync(folder.path, OWNER, OWNER);
  const options = ['--no-sync', '-A', 'trust', '-U', 'postgres', '--locale=C', '-E', 'UTF8'];
  const command = [...asOwner, programOf('initdb'), '-D', join(folder.path, 'data'), ...options];
  const { code, errors } = await run(command, '', folder.path);
  if (code !== 0) throw new Error(`initdb fails: ${errors}`);
  return folder;
}

interface Database {
  readonly folder: Folder;
  readonly command: Command;
}

/** A database with this pg_hba.conf, and the command that serves it. */
async function databaseWith(needed: Needed, hba: string, mode: readonly string[] = []): Promise<Database> {
  const folder = await emptyDatabase();
  needed.later(() => void free.push(folder));
  folder.write('data/pg_hba.conf', hba);
  const program = [...asOwner, programOf('postgres'), ...mode];
  return { folder, command: [...program, '-D', join(folder.path, 'data'), '-c', 'fsync=off'] };
}

/** The packet that opens a session: its length, version 3.0, and names with values. */
function startupPacket({ database = 'postgres', user = 'postgres' }: PostgresOptions): string {
  const body = `\0\x03\0\0user\0${user}\0database\0${database}\0\0`;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return length.toString('latin1') + body;
}

/** Whether the server goes on to authenticate, or refuses by its rules. */
function answerTo(client: string, response: string): Answer {
  if (response.startsWith('R')) return 'allow';
  if (response.startsWith('E') && /pg_hba\.conf (?:rejects|entry)|no pg_hba\.conf/.test(response))
    return 'deny';
  throw new Error(`PostgreSQL answers ${client} with ${JSON.stringify(response)}`);
}

/** A server with this pg_hba.conf. `allow` means that it goes on to authenticate, by whatever method. */
export function startPostgres(hba: string, options: PostgresOptions = {}): Promise<Engine> {
  return startEngine(async (needed) => {
    const namespace = await needed.namespace();
    const { folder, command } = await databaseWith(needed, hba);
    const settings = {
      listen_addresses: '*',
      port: String(PORT),
      unix_socket_directories: folder.path,
      max_connections: '400',
    };
    const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const isReady = (said: string): boolean => said.includes('ready to accept connections');
    await needed.server(namespace.within([...command, ...words]), folder, isReady, 'SIGINT');
    return async (clients) => {
      const responses = await namespace.connect(PORT, clients, startupPacket(options), 'first');
      return responses.map((response, index) => answerTo(clients[index] as string, response));
    };
  });
}

/** What pg_hba.conf says about each client. */
export function askPostgres(
  hba: string,
  clients: readonly string[],
  options?: PostgresOptions,
): Promise<readonly Answer[]> {
  return askOnce(startPostgres(hba, options), clients);
}

/** The rows of `pg_hba_file_rules`: how the server reads the file, line by line. */
export function rulesOfPostgres(hba: string): Promise<readonly HbaRule[]> {
  return withNeeded(async (needed) => {
    const { folder, command } = await databaseWith(needed, hba, ['--single']);
    const query = "select coalesce(json_agg(r), '[]')::text as rules from pg_hba_file_rules r\n";
    const { output, errors } = await run([...command, 'postgres'], query, folder.path);
    const json = /1: rules = "(\[[\s\S]*\])"\t\(typeid/.exec(output)?.[1];
    if (json === undefined) throw new Error(`PostgreSQL gives no rules: ${output}${errors}`);
    return JSON.parse(json) as HbaRule[];
  });
}

/** Whether the server takes the file: with one bad line, it does not start. */
export async function checkPgHba(hba: string): Promise<Checked> {
  const errors = (await rulesOfPostgres(hba)).filter(({ error }) => error !== null);
  const message = errors.map(({ line_number, error }) => `line ${line_number}: ${error}`).join('\n');
  return { isAccepted: errors.length === 0, message };
}
