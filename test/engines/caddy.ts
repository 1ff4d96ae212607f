/** Caddy: a named matcher of a Caddyfile, asked by real connections. */

import { type Answer, answerOf, askOnce, type Checked, type Engine, type Mode, programOf } from './engine.ts';
import { type Folder, run } from './process.ts';
import { startEngine, withNeeded } from './starting.ts';

export interface CaddyOptions {
  /** The name of the matcher without its `@`; `listed` if not given. */
  readonly name?: string;
  /** What a match means; `deny` if not given. */
  readonly mode?: Mode;
}

const PORT = 8080;

/** Before 2.7 there is only `remote_ip`. Without trusted proxies `client_ip` means the same. */
async function matcherFor(text: string): Promise<string> {
  const { output } = await run([programOf('caddy'), 'version']);
  const [major = 0, minor = 0] = output.replace(/^v/, '').split('.').map(Number);
  return major > 2 || minor >= 7 ? text : text.replaceAll(/\bclient_ip\b/g, 'remote_ip');
}

async function configurationOf(folder: Folder, text: string, options: CaddyOptions): Promise<string> {
  const lines = [
    `{\nadmin off\nauto_https off\nstorage file_system ${folder.path}\n}`,
    `:${PORT} {`,
    await matcherFor(text),
    `respond @${options.name ?? 'listed'} listed`,
    'respond unlisted',
    '}',
    '',
  ];
  return folder.write('Caddyfile', lines.join('\n'));
}

/** The environment says where it would leave files. */
function commandOf(folder: Folder, word: string, path: string): readonly string[] {
  const homes = ['HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'].map((name) => `${name}=${folder.path}`);
  return ['env', ...homes, programOf('caddy'), word, '--config', path, '--adapter', 'caddyfile'];
}

export function startCaddy(text: string, options: CaddyOptions = {}): Promise<Engine> {
  return startEngine(async (needed) => {
    const folder = needed.folder();
    const namespace = await needed.namespace();
    const command = commandOf(folder, 'run', await configurationOf(folder, text, options));
    const isReady = (said: string): boolean => said.includes('serving initial configuration');
    await needed.server(namespace.within(command), folder, isReady);
    return async (clients) => {
      const payload = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
      const texts = await namespace.connect(PORT, clients, payload, 'close');
      return texts.map((response, index) => {
        const word = response.slice(response.lastIndexOf('\n') + 1);
        if (word !== 'listed' && word !== 'unlisted')
          throw new Error(`caddy answers ${clients[index]} with ${response}`);
        return answerOf(word === 'listed', options.mode);
      });
    };
  });
}

/** What a matcher says about each client. */
export function askCaddy(
  text: string,
  clients: readonly string[],
  options?: CaddyOptions,
): Promise<readonly Answer[]> {
  return askOnce(startCaddy(text, options), clients);
}

/** `caddy validate`, which finds what `caddy adapt` does not. */
export function checkCaddy(text: string, options: CaddyOptions = {}): Promise<Checked> {
  return withNeeded(async (needed) => {
    const folder = needed.folder();
    const path = await configurationOf(folder, text, options);
    const { code, errors } = await run(commandOf(folder, 'validate', path), '', folder.path);
    return { isAccepted: code === 0, message: errors };
  });
}
