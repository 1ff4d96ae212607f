/** HAProxy: files of addresses for `src -f`, and maps. */

import { type Answer, answerOf, askOnce, type Checked, type Engine, type Mode, programOf } from './engine.ts';
import { type Folder, run } from './process.ts';
import { clientHeader, seenHeader } from './requests.ts';
import { startEngine, withNeeded } from './starting.ts';
import { startWeb, type Through } from './web.ts';

export interface HAProxyOptions {
  /** What the file is: one for `acl … src -f`, or one for `map_ip`. */
  readonly kind?: 'acl' | 'map';
  /** What a line of an ACL file means; `deny` if not given. */
  readonly mode?: Mode;
  /** What a map answers for a client that it does not have; `-` if not given. */
  readonly otherwise?: string;
  readonly through?: Through;
}

function commandOf(folder: Folder, text: string, options: HAProxyOptions, bind: string): readonly string[] {
  const file = folder.write('file.txt', text);
  const answer = (words: string, condition = ''): string =>
    `http-request return status 200 content-type text/plain ${words} hdr ${seenHeader} %[src] ${condition}`;
  const rules =
    options.kind === 'map'
      ? [answer(`lf-string %[src,map_ip(${file},${options.otherwise ?? '-'})]`)]
      : [answer('string listed', `if { src -f ${file} }`), answer('string unlisted')];
  const configuration = [
    'global',
    'maxconn 200',
    'defaults',
    'mode http',
    'timeout client 30s',
    'timeout server 30s',
    'timeout connect 30s',
    'frontend asked',
    `bind ${bind}`,
    `http-request set-src hdr_ip(${clientHeader}) if { req.hdr(${clientHeader}) -m found }`,
    ...rules,
    '',
  ].join('\n');
  return [programOf('haproxy'), '-db', '-f', folder.write('haproxy.cfg', configuration)];
}

export function startHAProxy(text: string, options: HAProxyOptions = {}): Promise<Engine> {
  return startEngine(async (needed) => {
    const folder = needed.folder();
    const ask = await startWeb(
      needed,
      folder,
      {
        onLoopback: (port) => commandOf(folder, text, options, `127.0.0.1:${port}`),
        onAll: (port) => commandOf(folder, text, options, `:::${port} v4v6`),
      },
      options.through,
    );
    return async (clients) => {
      const bodies = (await ask(clients)).map(({ body }) => body);
      return options.kind === 'map'
        ? bodies
        : bodies.map((body) => answerOf(body === 'listed', options.mode));
    };
  });
}

/** What a file of addresses, or a map, says about each client. */
export function askHAProxy(
  text: string,
  clients: readonly string[],
  options?: HAProxyOptions,
): Promise<readonly Answer[]> {
  return askOnce(startHAProxy(text, options), clients);
}

/** `haproxy -c` with a configuration that uses the file. */
export function checkHAProxy(text: string, options: HAProxyOptions = {}): Promise<Checked> {
  return withNeeded(async (needed) => {
    const folder = needed.folder();
    const { code, errors } = await run(
      [...commandOf(folder, text, options, '127.0.0.1:1'), '-c'],
      '',
      folder.path,
    );
    return { isAccepted: code === 0, message: errors };
  });
}
