/**
 * What a fleet shares: one hash in Redis with a snapshot and its version, and a channel that says there is a new one.
 *
 * A version is the time at which it was published, in milliseconds, and always larger than the one before it. So it goes
 * on rising after Redis has lost its data, and a process can tell what is older than what it has.
 */

import { decodePolicy } from 'ipverdict/snapshot';
import { RESP_TYPES } from 'redis';

const key = 'ipverdict:policy';

/** Clocks differ, but not by this much: a later version is garbage, and no policy could ever follow it. */
const DAY = 86_400_000;

/** A message is the number of the new version, and only a hint: what counts is in the hash. */
export const channel = 'ipverdict:versions';

// One script is one step for everyone: nobody sees the bytes of one version with the number of another. What is not a
// version, or not even a hash, is overwritten, so that garbage does not stand in the way of a good policy.
const head = `
  if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
  local held = redis.call('HGET', KEYS[1], 'version') or ''
  held = string.match(held, '^[1-9]%d*$') and #held <= 15 and tonumber(held) or 0
  local version = tonumber(ARGV[1])
  if held > tonumber(ARGV[4]) then held = 0 end
`;
const put = `
  local text = string.format('%.0f', version)
  redis.call('HSET', KEYS[1], 'version', text, 'bytes', ARGV[2])
  redis.call('PUBLISH', ARGV[3], text)
  return text
`;
const publishScript = `${head} if version <= held then version = held + 1 end ${put}`;
const restoreScript = `${head} if version <= held then return '' end ${put}`;

/**
 * Puts a snapshot in force everywhere; gives its version, which is larger than the one in Redis and than `last`: what
 * was published last may be lost there.
 */
export async function publish(client, bytes, last = 0) {
  return Number(await run(client, publishScript, Math.max(Date.now(), last + 1), bytes));
}

/** Puts a version back where Redis has none or an older one; says whether it did. */
export async function restore(client, { version, bytes }) {
  return String(await run(client, restoreScript, version, bytes)) !== '';
}

const latest = () => String(Date.now() + DAY);

function run(client, script, version, bytes) {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return client.eval(script, { keys: [key], arguments: [String(version), body, channel, latest()] });
}

/**
 * The loader for `follow`. The tag is the version that is in force here. Whatever is not a newer policy is an error, and
 * the policy in force stays.
 */
export function loadFrom(client) {
  return async ({ signal, tag }) => {
    const redis = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).withAbortSignal(signal);
    const held = tag === undefined ? 0 : Number(tag);
    // Asked on its own first, because most of the time there is nothing new to transfer.
    if (readVersion(await redis.hGet(key, 'version'), held) === held) return undefined;
    const [number, bytes] = await redis.hmGet(key, ['version', 'bytes']);
    const version = readVersion(number, held);
    if (version === held) return undefined;
    if (!bytes) throw new Error(`Redis has version ${version} without its bytes`);
    return { policy: decodePolicy(bytes), tag: String(version) };
  };
}

function readVersion(bytes, held) {
  if (!bytes) throw new Error('Redis has no policy');
  const text = bytes.toString('latin1').slice(0, 40);
  if (!/^[1-9]\d{0,14}$/.test(text) || Number(text) > Number(latest()))
    throw new Error(`${JSON.stringify(text)} is not a version`);
  const version = Number(text);
  if (version < held) throw new Error(`Redis has version ${version}, which is older than ${held}`);
  return version;
}
