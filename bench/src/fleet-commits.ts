import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetView } from '@meridian/fleet';
import { git, until } from '@meridian/testkit';
import type { Fleet } from '@meridian/testkit';

/** A commit that is in the repository but not on the branch. */
export interface StagedCommit {
  /** Puts the branch on it; the hubs find it when they next look. */
  move(): Promise<void>;
  /** Puts the branch on it and tells a hub. */
  publish(): Promise<void>;
}

/** Pushes a commit beside the branch, so that moving the branch and telling the hub is all that is left to do. */
export async function stageCommit(
  fleet: Fleet,
  mark: string,
  change: (clone: string) => void,
): Promise<StagedCommit> {
  const clone = await fleet.clone();
  change(clone);
  await git(clone, 'add', '-A');
  await git(clone, 'commit', '-qm', mark);
  await git(clone, 'push', '-q', 'origin', `HEAD:refs/bench/${mark}`);
  const id = (await git(clone, 'rev-parse', 'HEAD')).trim();
  const { file } = fleet;
  const webhook = webhookOf(fleet);
  const move = async () => {
    await git(file.repo, 'update-ref', `refs/heads/${file.branch}`, id);
  };
  return {
    move,
    async publish() {
      await move();
      await webhook(id);
    },
  };
}

function webhookOf(fleet: Fleet): (after: string) => Promise<void> {
  const { webhook } = JSON.parse(readFileSync(join(fleet.data, 'sandbox.json'), 'utf8')) as {
    webhook: { url: string; secretFile: string };
  };
  const secret = readFileSync(webhook.secretFile, 'utf8').trim();
  return async (after) => {
    const body = JSON.stringify({ ref: `refs/heads/${fleet.file.branch}`, after });
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const answer = await fetch(webhook.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-meridian-signature': signature },
    });
    if (!answer.ok) throw new Error(`the webhook answered ${answer.status}: ${await answer.text()}`);
  };
}

/** Waits until everything in the fleet is synced and healthy and every cluster connected. */
export async function settled(fleet: Fleet): Promise<void> {
  await until(
    'every application synced and healthy',
    async () => {
      const { applications, clusters } = await fleet.api<FleetView>('/v1/fleet');
      const whole = applications.synced === applications.total && applications.healthy === applications.total;
      return whole && applications.total > 0 && clusters.connected === clusters.total ? true : undefined;
    },
    120_000,
  );
}
