/** Apache 2.4: `Require`, and `Order`, `Allow` and `Deny` of 2.2, in one `<Location "/">`. */

import { chmodSync, existsSync } from 'node:fs';
import { type Answer, askOnce, type Checked, type Engine, programOf } from './engine.ts';
import { type Folder, run } from './process.ts';
import { answerOfStatus, clientHeader, seenHeader } from './requests.ts';
import { startEngine, withNeeded } from './starting.ts';
import { startWeb, type Through } from './web.ts';

const modules = '/usr/lib/apache2/modules';
const names = ['mpm_event', 'authz_core', 'authz_host', 'access_compat', 'remoteip', 'headers'];

function commandOf(folder: Folder, text: string, listen: string): readonly string[] {
  folder.write('page', 'yes');
  // Started by root, it runs as nobody, and says 403 where it must not read, too.
  chmodSync(folder.path, 0o755);
  const loaded = names.filter((name) => existsSync(`${modules}/mod_${name}.so`));
  const configuration = [
    ...loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
    `ServerRoot ${folder.path}`,
    `DefaultRuntimeDir ${folder.path}`,
    `PidFile ${folder.path}/pid`,
    'ServerName localhost',
    ...(process.getuid?.() === 0 ? ['User nobody', 'Group nogroup'] : []),
    `Listen ${listen}`,
    `ErrorLog ${folder.path}/error.log`,
    'LogLevel crit',
    'KeepAlive On',
    'MaxKeepAliveRequests 0',
    'KeepAliveTimeout 30',
    `DocumentRoot ${folder.path}`,
    `RemoteIPHeader ${clientHeader}`,
    'RemoteIPInternalProxy 127.0.0.1',
    `Header always set ${seenHeader} expr=%{REMOTE_ADDR}`,
    '<Location "/">',
    text,
    '</Location>',
    '',
  ].join('\n');
  return [programOf('apache2'), '-f', folder.write('apache.conf', configuration)];
}

export function startApache(text: string, through?: Through): Promise<Engine> {
  return startEngine(async (needed) => {
    const folder = needed.folder();
    const ask = await startWeb(
      needed,
      folder,
      {
        onLoopback: (port) => [...commandOf(folder, text, `127.0.0.1:${port}`), '-X'],
        onAll: (port) => [...commandOf(folder, text, String(port)), '-X'],
      },
      through,
      '/page',
    );
    return async (clients) => (await ask(clients)).map(answerOfStatus);
  });
}

/** What rules in `<Location "/">` say about each client. */
export function askApache(
  text: string,
  clients: readonly string[],
  through?: Through,
): Promise<readonly Answer[]> {
  return askOnce(startApache(text, through), clients);
}

/** `apache2 -t`. */
export function checkApache(text: string): Promise<Checked> {
  return withNeeded(async (needed) => {
    const folder = needed.folder();
    const { code, errors } = await run([...commandOf(folder, text, '127.0.0.1:1'), '-t'], '', folder.path);
    return { isAccepted: code === 0, message: errors };
  });
}
