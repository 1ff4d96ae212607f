/** Tables in Markdown that can also be read in a terminal, and the figures in them. */

/** @typedef {import('../measure/timing.js').Figures} Figures */

const units = [
  { name: 'ns', size: 1 },
  { name: 'µs', size: 1e3 },
  { name: 'ms', size: 1e6 },
  { name: 's', size: 1e9 },
];

/**
 * @param {readonly string[]} header columns whose name starts with a blank are numbers, and stand at the right
 * @param {readonly (readonly string[])[]} rows
 */
export function table(header, rows) {
  const widths = header.map((name, column) =>
    Math.max(3, name.trim().length, ...rows.map((row) => row[column].length)),
  );
  const isNumber = header.map((name) => name.startsWith(' '));
  /** @param {readonly string[]} cells */
  const line = (cells) =>
    `| ${cells.map((cell, column) => (isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isNumber[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(header.map((name) => name.trim())), line(rule), ...rows.map(line)].join('\n');
}

/**
 * What was run, and on what.
 * @param {string} command
 * @param {import('../measure/machine.js').Machine} machine
 */
export function runTable(command, machine) {
  return table(
    ['what', 'this run'],
    [
      ['command', `\`${command}\``],
      ['date', machine.date],
      ['ipverdict', `${machine.version}, commit ${machine.commit}`],
      ['Node', `${machine.node} (V8 ${machine.v8}), ${machine.platform}`],
      ['processor', `${machine.processor}, ${machine.cores} cores`],
      ['memory', machine.memory],
      ['load before the run', machine.load.toFixed(2)],
    ],
  );
}

/** @param {number} nanoseconds */
export function duration(nanoseconds) {
  const unit = unitFor(nanoseconds);
  return `${digits(nanoseconds / unit.size)} ${unit.name}`;
}

/**
 * Minimum and median, the spread, and the ratio to the floor.
 * @param {{ subject: Figures, ratio: number } | undefined} measured
 */
export function timeCell(measured) {
  if (measured === undefined) return '';
  const { subject, ratio } = measured;
  const unit = unitFor(subject.median);
  const [minimum, median] = [subject.minimum, subject.median].map((time) => digits(time / unit.size));
  return `${minimum} / ${median} ${unit.name} ±${Math.round(subject.spread * 50)} %, ${times(ratio)}`;
}

/** @param {number} ratio */
export function times(ratio) {
  return `${digits(ratio)} ×`;
}

/**
 * Three digits or all before the point, thousands apart.
 * @param {number} value
 */
export function digits(value) {
  const size = Math.abs(value);
  const decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** @param {number} value */
export function whole(value) {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** @param {number} nanoseconds */
function unitFor(nanoseconds) {
  // Up to four digits before the next unit: 4,870 ns is easier to compare with 83 ns than 4.87 µs is.
  return units.find(({ size }) => nanoseconds < size * 1e4) ?? units[units.length - 1];
}

/**
 * Breaks a paragraph or a list item into lines.
 * @param {string} text
 * @param {string} [indent] of all lines but the first
 */
export function wrap(text, indent = '') {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines[lines.length - 1];
    if (line !== '' && line.length + 1 + word.length > 120) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
