/** HTTP over plain TCP, from an address of one's own choice: nothing between the test and the bytes. */

import { createServer, type Socket, connect as tcpConnect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** By name in lower case; of several lines the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Ask {
  readonly port: number;
  /** The address of the client, `127.0.0.1` when not given. */
  readonly from?: string;
  readonly method?: string;
  readonly path?: string;
  /** Lines of headers. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** The bytes of one request. */
export function requestText(
  { method = 'GET', path = '/', headers = [], body = '' }: Ask,
  isLast = true,
): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: www.example.com', ...headers];
  if (body !== '') lines.push(`Content-Length: ${body.length}`);
  if (isLast) lines.push('Connection: close');
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** Connects from an address; IPv6 addresses go to `::1`, IPv4 addresses to `127.0.0.1`. */
export function connectFrom(port: number, from = '127.0.0.1'): Socket {
  return tcpConnect({ port, host: from.includes(':') ? '::1' : '127.0.0.1', localAddress: from });
}

/** Sends bytes, and answers all that came back until the server closed the connection. */
export function exchange(port: number, from: string | undefined, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectFrom(port, from);
    let received = '';
    socket.setEncoding('latin1');
    socket.setTimeout(20_000, () => socket.destroy(new Error('the server did not close the connection')));
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(received) : reject(error),
    );
    socket.on('close', () => resolve(received));
  });
}

/** One request on a connection of its own. */
export async function ask(request: Ask): Promise<Answer> {
  const text = await exchange(request.port, request.from, requestText(request));
  const [answer] = readAnswers(text, [request.method ?? 'GET']);
  if (answer === undefined) throw new Error(`no answer: ${JSON.stringify(text)}`);
  return answer;
}

/** Several requests in one go on one connection: the answers in order. */
export async function askTogether(requests: readonly Ask[]): Promise<Answer[]> {
  const [{ port, from }] = requests as [Ask];
  const text = requests.map((request, index) => requestText(request, index === requests.length - 1)).join('');
  const methods = requests.map(({ method = 'GET' }) => method);
  return readAnswers(await exchange(port, from, text), methods);
}

/** Reads answers to the methods that were asked. */
export function readAnswers(text: string, methods: readonly string[]): Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  for (const method of methods) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) break;
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const [, status, reason = ''] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(first) ?? [];
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    rest = rest.slice(end + 4);
    let body = '';
    const hasBody = method !== 'HEAD' && status !== '204' && status !== '304';
    if (hasBody && headers['transfer-encoding'] === 'chunked') {
      for (;;) {
        const lineEnd = rest.indexOf('\r\n');
        const size = Number.parseInt(rest.slice(0, lineEnd), 16);
        if (lineEnd < 0 || Number.isNaN(size)) throw new Error(`not a chunk: ${JSON.stringify(rest)}`);
        body += rest.slice(lineEnd + 2, lineEnd + 2 + size);
        rest = rest.slice(lineEnd + 2 + size + 2);
        if (size === 0) break;
      }
    } else if (hasBody) {
      const size = headers['content-length'] === undefined ? rest.length : Number(headers['content-length']);
      body = rest.slice(0, size);
      rest = rest.slice(size);
    }
    answers.push({ status: Number(status), reason, headers, body });
  }
  if (rest !== '') throw new Error(`left over: ${JSON.stringify(rest)}`);
  return answers;
}

function canListen(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, host, () => server.close(() => resolve(true)));
  });
}

/** Whether this machine has IPv6, and the whole of 127.0.0.0/8: not every machine has. */
export const hasIPv6: boolean = await canListen('::1');
export const hasLoopbackNetwork: boolean = await canListen('127.0.0.66');
