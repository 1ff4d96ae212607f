/**
 * How far a long work has come, on one line of the terminal that is drawn again and again and is gone at the end.
 */

import { grouped } from './style.ts';

/** Work that is done by then shows nothing. */
const QUIET_FOR = 1000;
const BETWEEN = 150;

const CLEAR = '\r\u001b[K';

/** Shows bytes, lines a second and the time that is left. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #isShown: boolean;
  readonly #total: number | undefined;
  readonly #start: number = performance.now();
  #next: number = this.#start + QUIET_FOR;
  #isDrawn = false;

  /** @param total - the number of bytes, where it is known */
  constructor(stream: NodeJS.WriteStream, isWanted: boolean, total?: number) {
    this.#stream = stream;
    this.#total = total;
    this.#isShown = isWanted && stream.isTTY === true && process.env['TERM'] !== 'dumb';
    // However the command ends, by Ctrl-C too.
    if (this.#isShown) process.once('exit', () => this.clear());
  }

  /** Says how many bytes and lines are done. Costs next to nothing until it is time to draw. */
  update(bytes: number, lines: number): void {
    if (!this.#isShown) return;
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + BETWEEN;
    this.#isDrawn = true;
    const text = describe(bytes, lines, (now - this.#start) / 1000, this.#total);
    this.#stream.write(CLEAR + text.slice(0, (this.#stream.columns || 80) - 1));
  }

  /** Takes the line away, before anything else is written to the terminal. */
  clear(): void {
    if (this.#isDrawn) this.#stream.write(CLEAR);
    this.#isDrawn = false;
  }
}

function describe(bytes: number, lines: number, seconds: number, total: number | undefined): string {
  const isKnown = total !== undefined && total > 0;
  const share = isKnown ? `${Math.min(100, Math.floor((bytes / total) * 100))} %  ` : '';
  const size = isKnown ? `${sizeOf(bytes)} of ${sizeOf(total)}` : sizeOf(bytes);
  const rate = grouped(Math.round(lines / seconds));
  const left = isKnown && bytes > 0 ? `  ${timeOf((seconds * Math.max(0, total - bytes)) / bytes)} left` : '';
  return `${share}${size}  ${rate} lines/s${left}`;
}

/** `12.5 MB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 999.95 && unit < units.length - 1; unit++) value /= 1000;
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** `2:05` minutes, or `1:02:05` hours. */
function timeOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours, minutes, rest] = parts.map((part) => String(part).padStart(2, '0'));
  return whole < 3600 ? `${Number(minutes)}:${rest}` : `${Number(hours)}:${minutes}:${rest}`;
}
