import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from '@meridian/testkit';
import type { RepoFiles } from './rollout-files.ts';

/** A fleet repo of the bench. */
export interface RolloutRepo {
  /** The bare repository that hubs fetch from. */
  readonly url: string;
  /** Puts a commit beside the branch; gives its id. */
  stage(files: RepoFiles): Promise<string>;
  /** Moves the branch to it: from then on it is what git says. */
  move(commit: string): Promise<void>;
}

/** Makes a bare repository whose branch main holds these files. */
export async function makeRepo(dir: string, files: RepoFiles): Promise<RolloutRepo> {
  const url = join(dir, 'fleet.git');
  const work = join(dir, 'work');
  mkdirSync(work, { recursive: true });
  await git(dir, 'init', '-q', '--bare', '-b', 'main', url);
  await git(work, 'init', '-q', '-b', 'main');
  await git(work, 'config', 'user.name', 'Bench');
  await git(work, 'config', 'user.email', 'bench@example.com');
  let commits = 0;
  const stage = async (changed: RepoFiles) => {
    commits += 1;
    for (const [path, text] of Object.entries(changed)) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      writeFileSync(join(work, path), text);
    }
    await git(work, 'add', '-A');
    await git(work, 'commit', '-q', '-m', `commit ${commits}`);
    await git(work, 'push', '-q', url, `HEAD:refs/bench/${commits}`);
    return (await git(work, 'rev-parse', 'HEAD')).trim();
  };
  const move = async (commit: string) => {
    await git(url, 'update-ref', 'refs/heads/main', commit);
  };
  await move(await stage(files));
  return { url, stage, move };
}

/** Tells a hub of a push, as a git host does. */
export async function callWebhook(api: string, secret: string, commit: string): Promise<void> {
  const body = JSON.stringify({ ref: 'refs/heads/main', after: commit });
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const answer = await fetch(`${api}/webhooks/generic`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-meridian-signature': signature },
  });
  if (!answer.ok) throw new Error(`the webhook answered ${answer.status}: ${await answer.text()}`);
}
