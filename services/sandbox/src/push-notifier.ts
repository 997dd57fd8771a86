import { createHmac } from 'node:crypto';
import { readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { callHttp } from './call-http.ts';
import type { DataDirectory } from './data-directory.ts';
import { fleetBranch } from './fleet-repo.ts';

/** Who is told of a push. */
export interface PushNotifierOptions {
  readonly data: DataDirectory;
  /** Full webhook URLs, one per hub. */
  readonly urls: readonly string[];
  readonly secret: string;
  readonly signal: AbortSignal;
}

/**
 * Calls the hubs' webhook when git's hook has written down a push, as a git host would. Nothing is lost when a call
 * fails: the hubs look for new commits every few seconds anyway.
 */
export function notifyOfPushes({ data, urls, secret, signal }: PushNotifierOptions): void {
  const watcher = watch(data.pushes, { signal, persistent: false }, () => {
    const body = JSON.stringify({
      ref: `refs/heads/${fleetBranch}`,
      after: newCommit(data),
      repository: { url: data.repo },
    });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    for (const url of urls) void call(url, body, `sha256=${signature}`, signal);
  });
  // The folder may vanish while the directory is being reset.
  watcher.on('error', () => watcher.close());
}

async function call(url: string, body: string, signature: string, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-meridian-signature': signature };
  try {
    await callHttp({ url, headers, body, withinMs: 2_000, signal });
  } catch {
    // A hub that is down learns of the commit from its poll.
  }
}

/** Lines of https://git-scm.com/docs/githooks#post-receive: old commit, new commit, ref. */
function newCommit(data: DataDirectory): string {
  const lines = readFileSync(join(data.pushes, 'last'), 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  return lines.find((line) => line[2] === `refs/heads/${fleetBranch}`)?.[1] ?? '';
}
