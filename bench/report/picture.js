/**
 * The picture of the report: nanoseconds of a decision against entries, both by powers of ten. Made from the ratios of
 * the report, on one floor for all, so that a busy moment of the machine does not bend a line.
 */

import { floorOf, middle, rowsOf } from './compare.js';
import { whole } from './tables.js';

/** @typedef {import('../run.js').Finding} Finding */

const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 64;
const RIGHT = 190;
const TOP = 34;
const BOTTOM = 48;

/** Contestants that are shown, ours and those that stand for their kind, in colours distinct on white and on black. */
const colours = {
  'ipverdict decide': '#2563eb',
  'net.BlockList': '#d97706',
  'ip-set': '#0d9488',
  'longest-prefix-match': '#9333ea',
  netparser: '#db2777',
  'ipaddr.js': '#65a30d',
  'hono/ip-restriction': '#dc2626',
  'proxy-addr': '#0891b2',
  'express-ipfilter': '#a16207',
};

/**
 * @param {readonly Finding[]} findings
 * @param {{ machine: { node: string, date: string }, sizes: Readonly<Record<string, number>> }} circumstances entries by
 *   name of the list
 * @returns {string | undefined} the text of an SVG file; undefined when there is nothing to show
 */
export function drawPicture(findings, { machine, sizes }) {
  const rows = rowsOf(
    findings.filter(
      ({ group, spelling, node }) => group === 'decide' && spelling === 'ipv4' && node === undefined,
    ),
  ).filter(({ placement }) => placement === 'hit');
  if (rows.length < 2) return undefined;
  const floor = middle(rows.map(floorOf));
  const lines = Object.entries(colours).flatMap(([name, colour]) => {
    const points = rows.flatMap((row) => {
      const timing = row.timings.find(({ finding, isRight }) => finding.contestant === name && isRight);
      return timing === undefined ? [] : [{ entries: sizes[row.list], time: timing.figures.ratio * floor }];
    });
    return points.length === 0 ? [] : [{ name, points, colour }];
  });
  const all = lines.flatMap(({ points }) => points);
  const scale = {
    left: 1,
    right: Math.log10(Math.max(...all.map(({ entries }) => entries))),
    bottom: 1,
    top: Math.ceil(Math.log10(Math.max(...all.map(({ time }) => time)))),
  };
  const x = (/** @type {number} */ entries) =>
    LEFT + ((Math.log10(entries) - scale.left) / (scale.right - scale.left)) * (WIDTH - LEFT - RIGHT);
  const y = (/** @type {number} */ time) =>
    HEIGHT -
    BOTTOM -
    ((Math.log10(time) - scale.bottom) / (scale.top - scale.bottom)) * (HEIGHT - TOP - BOTTOM);
  const powers = (/** @type {number} */ from, /** @type {number} */ to) =>
    Array.from({ length: Math.floor(to) - from + 1 }, (_, index) => 10 ** (from + index));
  const parts = [
    ...powers(scale.left, scale.right).map(
      (entries) =>
        `<line class="grid" x1="${at(x(entries))}" y1="${TOP}" x2="${at(x(entries))}" y2="${HEIGHT - BOTTOM}"/>` +
        `<text class="axis" x="${at(x(entries))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${whole(entries)}</text>`,
    ),
    ...powers(scale.bottom, scale.top).map(
      (time) =>
        `<line class="grid" x1="${LEFT}" y1="${at(y(time))}" x2="${WIDTH - RIGHT}" y2="${at(y(time))}"/>` +
        `<text class="axis" x="${LEFT - 8}" y="${at(y(time) + 4)}" text-anchor="end">${nanoseconds(time)}</text>`,
    ),
    `<line class="floor" x1="${LEFT}" y1="${at(y(floor))}" x2="${WIDTH - RIGHT}" y2="${at(y(floor))}"/>`,
    ...lines.map(
      ({ points, colour }, index) =>
        `<polyline fill="none" stroke="${colour}" stroke-width="${index === 0 ? 3.5 : 2}" points="${points.map(({ entries, time }) => `${at(x(entries))},${at(y(time))}`).join(' ')}"/>` +
        points
          .map(
            ({ entries, time }) =>
              `<circle cx="${at(x(entries))}" cy="${at(y(time))}" r="${index === 0 ? 4.5 : 3}" fill="${colour}"/>`,
          )
          .join(''),
    ),
    ...legend([
      ...lines.map(({ name, points, colour }) => ({
        name,
        colour,
        y: y(points[points.length - 1].time),
        x: x(points[points.length - 1].entries),
      })),
      { name: 'reading the characters', colour: '#808080', y: y(floor), x: WIDTH - RIGHT },
    ]),
    `<text class="title" x="${LEFT}" y="18">A decision about an IPv4 client inside an entry, by entries in the list</text>`,
    `<text class="axis" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">entries · ${machine.node} · ${machine.date} · those that answer right · less is better</text>`,
  ];
  const style =
    'text{font:12px system-ui,sans-serif;fill:#1f2937}.title{font-size:14px;font-weight:600}.axis{fill:#4b5563}' +
    '.grid{stroke:#9ca3af;stroke-opacity:.35}.floor{stroke:#808080;stroke-width:2;stroke-dasharray:5 4}' +
    '@media(prefers-color-scheme:dark){text{fill:#e5e7eb}.axis{fill:#9ca3af}}';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Nanoseconds of a decision against entries, by powers of ten">
<style>${style}</style>
${parts.join('\n')}
</svg>
`;
}

/**
 * Names at the right, moved apart where they would overlap, each joined to the end of its line.
 * @param {readonly { name: string, colour: string, x: number, y: number }[]} ends
 */
function legend(ends) {
  const sorted = [...ends].sort((left, right) => left.y - right.y);
  let last = TOP - 16;
  const placed = sorted.map((end) => {
    last = Math.max(end.y, last + 16);
    return { ...end, place: last };
  });
  // When some are pushed below the frame, all of them move up again.
  let next = HEIGHT - BOTTOM + 16;
  for (const end of placed.reverse()) {
    next = Math.min(end.place, next - 16);
    end.place = next;
  }
  const edge = WIDTH - RIGHT;
  return placed.map(
    ({ name, colour, x, y, place }) =>
      `<polyline fill="none" stroke="${colour}" stroke-opacity=".45" points="${at(x)},${at(y)} ${edge + 8},${at(y)} ${edge + 20},${at(place)}"/>` +
      `<text x="${edge + 25}" y="${at(place + 4)}" style="fill:${colour}">${name}</text>`,
  );
}

/** @param {number} place */
function at(place) {
  return Number(place.toFixed(1));
}

/** @param {number} time */
function nanoseconds(time) {
  if (time >= 1e6) return `${time / 1e6} ms`;
  return time >= 1e3 ? `${time / 1e3} µs` : `${time} ns`;
}
