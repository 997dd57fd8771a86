/** What the gate needs to know of a nats-server. */
export interface ServerFacts {
  /** As the server says it, such as `2.11.15` or `2.12.0-RC.3`. */
  readonly version: string;
  readonly clustered: boolean;
}

type Version = readonly [major: number, minor: number, patch: number];

const oldest: Version = [2, 9, 0];
const oldestClustered: Version = [2, 11, 15];
const oldestClustered212: Version = [2, 12, 6];

/**
 * Why Meridian must not use this server, with the fix; undefined when it may. A cluster below 2.11.15, or 2.12 below
 * 2.12.6, accepts two writers for one expected sequence after leader changes, so its ledger cannot fence.
 */
export function serverRefusal(server: ServerFacts): string | undefined {
  const found = parseVersion(server.version);
  if (!found)
    return `nats-server says version '${server.version}', which is not a version; install 2.12.6 or newer`;
  if (isBelow(found, oldest))
    return `nats-server ${server.version} is too old; install 2.9.0 or newer, best 2.12.6 or newer`;
  if (!server.clustered) return undefined;
  const limit = isBelow(found, [2, 12, 0]) ? oldestClustered : oldestClustered212;
  if (!isBelow(found, limit)) return undefined;
  return `a clustered nats-server ${server.version} can lose the order of fenced writes when its leader changes; upgrade every server to ${limit.join('.')} or newer`;
}

/** Whether the server's file store takes `sync_interval` (2.10 and newer). */
export function hasSyncInterval(version: string): boolean {
  const found = parseVersion(version);
  return found !== undefined && !isBelow(found, [2, 10, 0]);
}

/** Whether a write may name the last sequence of another subject than its own (2.11 and newer). */
export function comparesOtherSubjects(version: string): boolean {
  const found = parseVersion(version);
  return found !== undefined && !isBelow(found, [2, 11, 0]);
}

function parseVersion(text: string): Version | undefined {
  const found = /^v?(\d+)\.(\d+)\.(\d+)(-.+)?$/.exec(text);
  if (!found) return undefined;
  // A pre-release comes before the release of the same number.
  const patch = Number(found[3]) - (found[4] === undefined ? 0 : 0.5);
  return [Number(found[1]), Number(found[2]), patch];
}

function isBelow(version: Version, limit: Version): boolean {
  for (const [index, part] of version.entries()) {
    const other = limit[index] ?? 0;
    if (part !== other) return part < other;
  }
  return false;
}
