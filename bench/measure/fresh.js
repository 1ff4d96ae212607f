/**
 * A process that has just started, and measures itself: `node --expose-gc bench/measure/fresh.js <JSON>`, with the
 * figures as JSON on the standard output. It loads nothing before the measurement that the measured code could share,
 * and imports the package by its name, as its users do.
 */

/** @typedef {{ what: string, folder: string, list: string, size: number, count: number, verify: string }} Question */

/** @type {Question} */
const question = JSON.parse(process.argv[2] ?? '');
/** What must stay alive until it is weighed. */
const kept = { policies: /** @type {unknown[]} */ ([]) };

const measurements = {
  empty: () => timeOf(() => import('./empty.js')),
  import: () => timeOf(() => import('ipverdict')),
  'first decision': () =>
    timeOf(async () => {
      const { createPolicy } = await import('ipverdict');
      expectDenial(createPolicy({ deny: '192.0.2.0/24 # first\n2001:db8::/32' }), '192.0.2.1');
    }),
  build,
  crowd,
  store,
  load,
};

const measure = measurements[/** @type {keyof typeof measurements} */ (question.what)];
process.stdout.write(JSON.stringify(await measure()));

/**
 * Nanoseconds.
 * @param {() => unknown} work
 */
async function timeOf(work) {
  const begin = process.hrtime.bigint();
  await work();
  return { time: Number(process.hrtime.bigint() - begin) };
}

/** A list from its text; the text is there before, and so is the package. */
async function build() {
  const { readFileSync, fileOf } = await files();
  const text = readFileSync(fileOf(question), 'utf8');
  const { createPolicy } = await import('ipverdict');
  const figures = await timeOf(() => {
    kept.policies = [createPolicy({ deny: text, maxEntries: Number.POSITIVE_INFINITY })];
  });
  expectDenial(kept.policies[0], addressIn(text));
  return figures;
}

/** Stores a list as a snapshot; answers with its bytes for each entry. */
async function store() {
  const { readFileSync, writeFileSync, fileOf } = await files();
  const [{ createPolicy }, { encodePolicy }] = await Promise.all([
    import('ipverdict'),
    import('ipverdict/snapshot'),
  ]);
  const text = readFileSync(fileOf(question), 'utf8');
  const policy = createPolicy({ deny: text, maxEntries: Number.POSITIVE_INFINITY });
  const bytes = encodePolicy(policy);
  writeFileSync(`${fileOf(question)}.snapshot`, bytes);
  return { bytes: bytes.length / policy.size };
}

/** A snapshot until its first decision; the bytes are there before, and so is the package. */
async function load() {
  const { readFileSync, fileOf } = await files();
  const { buffer } = Uint8Array.from(readFileSync(`${fileOf(question)}.snapshot`));
  const client = addressIn(readFileSync(fileOf(question), 'utf8'));
  const { decodePolicy } = await import('ipverdict/snapshot');
  return timeOf(() => {
    kept.policies = [decodePolicy(buffer, { verify: question.verify })];
    expectDenial(kept.policies[0], client);
  });
}

/**
 * Many policies, and the memory above what the process had before: what the machine has given it, and what is kept after
 * a full collection. Their texts are made from bytes one by one, and count.
 */
async function crowd() {
  const { settledMemory } = await import('./memory.js');
  const { readFileSync, fileOf } = await files();
  const bytes = readFileSync(fileOf(question));
  const places = placesIn(bytes, question);
  const { createPolicy } = await import('ipverdict');
  kept.policies = new Array(places.length).fill(undefined);
  const before = await settledMemory();
  const { time } = await timeOf(() => {
    for (const [index, [from, to]] of places.entries())
      kept.policies[index] = createPolicy({ deny: bytes.toString('utf8', from, to) });
  });
  const resident = process.memoryUsage().rss - before.resident;
  const after = await settledMemory();
  for (let index = 0; index < places.length; index += 97)
    expectDenial(kept.policies[index], addressIn(bytes.toString('utf8', ...places[index])));
  return {
    time,
    resident,
    kept: after.heap + after.buffers - before.heap - before.buffers,
  };
}

async function files() {
  const [{ readFileSync, writeFileSync }, { join }] = await Promise.all([
    import('node:fs'),
    import('node:path'),
  ]);
  return {
    readFileSync,
    writeFileSync,
    fileOf: (/** @type {Question} */ { folder, list }) => join(folder, `${list}.txt`),
  };
}

/**
 * Where each list begins and ends among the lines; more lists than the lines allow begin again at the first.
 * @param {Buffer} bytes
 * @param {Question} question
 * @returns {[from: number, to: number][]}
 */
function placesIn(bytes, { size, count }) {
  const starts = [0];
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) starts.push(at + 1);
  starts.push(bytes.length + 1);
  const parts = Math.floor((starts.length - 1) / size);
  return Array.from({ length: count }, (_, index) => {
    const first = (index % parts) * size;
    return [starts[first], starts[first + size] - 1];
  });
}

/** @param {string} text */
function addressIn(text) {
  return text.slice(0, text.search(/[/ \n]/));
}

/** A policy that answers wrong is not worth a figure. @param {any} policy @param {string} client */
function expectDenial(policy, client) {
  if (policy.decide(client).verdict !== 'deny') throw new Error(`lets in ${client}`);
}
