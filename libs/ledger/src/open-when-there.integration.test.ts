import { systemClock } from '@meridian/runtime';
import { expect, test, vi } from 'vitest';
import { openLedgerWhenThere } from './index.ts';
import { makeCluster } from './testing/cluster.ts';

test('a hub that starts before the servers of NATS have agreed who leads waits for them', async () => {
  await using cluster = await makeCluster();
  await cluster.start(0);
  const { signal } = new AbortController();
  const connection = await cluster.hub(signal);
  const said: string[] = [];
  const log = { info: () => undefined, warn: (_: object, message: string) => void said.push(message) };
  const opening = openLedgerWhenThere(
    { connection, shard: 'main', holder: 'hub', clock: systemClock, log },
    signal,
  );
  await vi.waitFor(() => expect(said).toContain('jetstream does not answer yet'), { timeout: 30_000 });
  await cluster.start(1);
  await cluster.start(2);
  const ledger = await opening;
  expect(await ledger.tail()).toMatchObject({ sequence: 0 });
}, 120_000);
