import { systemClock } from '@meridian/runtime';
import { expect, test } from 'vitest';
import { openLedgerWhenThere } from './index.ts';
import type { Leadership, Ledger } from './index.ts';
import { makeCluster } from './testing/cluster.ts';

const soon = () => AbortSignal.timeout(20_000);

async function lead(ledger: Ledger): Promise<Leadership> {
  const result = await ledger.claim({ signal: soon() });
  if (!result.ok) throw new Error(result.reason);
  return result.leadership;
}

test('on three servers several records of a leader that was claimed over are refused, and the stream goes on', async () => {
  await using cluster = await makeCluster();
  await Promise.all([0, 1, 2].map((at) => cluster.start(at)));
  const connection = await cluster.hub(soon());
  const open = (holder: string) =>
    openLedgerWhenThere(
      { connection, shard: 'main', holder, clock: systemClock },
      AbortSignal.timeout(60_000),
    );
  const [former, next] = [await open('hub-1'), await open('hub-2')];
  const records = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ subject: `ledger.main.rollout.app-${at}`, body: '{}' }));
  const old = await lead(former);
  expect(await old.append(records(3), soon())).toMatchObject({ ok: true });
  const present = await lead(next);
  // The claim and its seal have the places of the first of them: for one that follows, the sequence is the right one.
  expect(await old.append(records(8), soon())).toEqual({ ok: false, reason: 'fenced' });
  expect(await present.append(records(3), soon())).toMatchObject({ ok: true });
  expect(await (await lead(former)).append(records(3), soon())).toMatchObject({ ok: true });
}, 120_000);
