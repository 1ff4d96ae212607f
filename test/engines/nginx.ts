/** nginx: `allow` and `deny`, and `geo` blocks. */

import { type Answer, askOnce, type Checked, type Engine, programOf } from './engine.ts';
import { type Folder, freePort, run } from './process.ts';
import { answerOfStatus, clientHeader, seenHeader } from './requests.ts';
import { startEngine, withNeeded } from './starting.ts';
import { startWeb, type Through } from './web.ts';

/** Where the text stands. */
export type NginxPlace =
  /** In `location / { … }`: lines of `allow` and `deny`. */
  | { readonly place: 'access' }
  /** In `geo $remote_addr $answer { … }`: the body of a geo block. */
  | { readonly place: 'geo-body' }
  /** In `http { … }`: a geo block with its braces, that sets `variable` (without its `$`). */
  | { readonly place: 'geo'; readonly variable: string };

function configurationOf(text: string, at: NginxPlace, listen: string, folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const isAccess = at.place === 'access';
  const variable = at.place === 'geo' ? at.variable : 'answer';
  const geo = at.place === 'geo' ? text : `geo $answer {\n${text}\n}`;
  // `return` comes before `allow` and `deny` are asked, a picture comes after.
  const location = isAccess ? `${text}\nempty_gif;` : `return 200 "$${variable}";`;
  return [
    'daemon off; master_process off; worker_processes 1;',
    `pid ${folder}/pid; error_log stderr warn;`,
    'events { worker_connections 256; }',
    'http {',
    'access_log off; keepalive_requests 1000000; default_type text/plain;',
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    isAccess ? '' : geo,
    'server {',
    `listen ${listen};`,
    `set_real_ip_from 127.0.0.1; real_ip_header ${clientHeader};`,
    `add_header ${seenHeader} $remote_addr always;`,
    `location / {\n${location}\n}`,
    '}}',
    '',
  ].join('\n');
}

function commandOf(folder: Folder, text: string, at: NginxPlace, listen: string): readonly string[] {
  const path = folder.write('nginx.conf', configurationOf(text, at, listen, folder.path));
  return [programOf('nginx'), '-p', folder.path, '-e', 'stderr', '-c', path];
}

/** nginx with this text. A geo block answers with its value. */
export function startNginx(
  text: string,
  at: NginxPlace = { place: 'access' },
  through?: Through,
): Promise<Engine> {
  return startEngine(async (needed) => {
    const folder = needed.folder();
    const ask = await startWeb(
      needed,
      folder,
      {
        onLoopback: (port) => commandOf(folder, text, at, `127.0.0.1:${port}`),
        onAll: (port) => commandOf(folder, text, at, `[::]:${port} ipv6only=off`),
      },
      through,
    );
    return async (clients) => {
      const responses = await ask(clients);
      return responses.map((one) => (at.place === 'access' ? answerOfStatus(one) : one.body));
    };
  });
}

/** What `allow` and `deny` lines, or a geo block, say about each client. */
export function askNginx(
  text: string,
  clients: readonly string[],
  at?: NginxPlace,
  through?: Through,
): Promise<readonly Answer[]> {
  return askOnce(startNginx(text, at, through), clients);
}

/** `nginx -t`. */
export function checkNginx(text: string, at: NginxPlace = { place: 'access' }): Promise<Checked> {
  return withNeeded(async (needed) => {
    const folder = needed.folder();
    const { code, errors } = await run(
      [...commandOf(folder, text, at, `127.0.0.1:${await freePort()}`), '-t'],
      '',
      folder.path,
    );
    return { isAccepted: code === 0, message: errors };
  });
}
