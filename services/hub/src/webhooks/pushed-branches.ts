import type { GitHost } from './signature.ts';

/** What a webhook says was pushed: branches, nothing we care for, or nothing we understand. */
export type Pushed =
  | { readonly kind: 'branches'; readonly branches: readonly string[] }
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed'; readonly reason: string };

const branchPrefix = 'refs/heads/';

/** Reads the pushed branches out of a host's parsed body. Never throws, whatever shape the body has. */
export function pushedBranches(host: GitHost, body: unknown): Pushed {
  if (!isRecord(body)) return { kind: 'malformed', reason: 'the body is not a JSON object' };
  return host === 'bitbucket' ? bitbucketBranches(body) : refBranch(body);
}

function refBranch(body: { readonly [key: string]: unknown }): Pushed {
  const ref = body['ref'];
  if (ref === undefined) return { kind: 'other' };
  if (typeof ref !== 'string') return { kind: 'malformed', reason: 'ref is not text' };
  return ref.startsWith(branchPrefix)
    ? { kind: 'branches', branches: [ref.slice(branchPrefix.length)] }
    : { kind: 'other' };
}

/** Bitbucket Cloud has `push.changes[].new`, Bitbucket Server `changes[].ref.displayId`. */
function bitbucketBranches(body: { readonly [key: string]: unknown }): Pushed {
  const push = body['push'];
  const changes = isRecord(push) ? push['changes'] : body['changes'];
  if (changes === undefined) return { kind: 'other' };
  if (!Array.isArray(changes)) return { kind: 'malformed', reason: 'changes is not a list' };
  const branches = changes.slice(0, 1_000).flatMap((change: unknown) => {
    if (!isRecord(change)) return [];
    const target = change['new'];
    if (isRecord(target) && target['type'] === 'branch' && typeof target['name'] === 'string')
      return [target['name']];
    const ref = change['ref'];
    return isRecord(ref) && typeof ref['displayId'] === 'string' ? [ref['displayId']] : [];
  });
  return branches.length > 0 ? { kind: 'branches', branches } : { kind: 'other' };
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
