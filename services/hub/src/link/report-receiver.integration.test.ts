import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectNats, createNkey, natsServerConfig, openLedger } from '@meridian/ledger';
import type { AttachedSession } from '@meridian/link';
import { systemClock } from '@meridian/runtime';
import { createTelemetry } from '@meridian/telemetry';
import { freePort, healthyStatus, startNats, tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';
import { reportReceiver } from './report-receiver.ts';

const identity = { cluster: 'east', fingerprint: 'AB', serialNumber: '1', startsAtMs: 1, expiresAtMs: 2 };
const session = { cluster: 'east', session: 's1', peer: 'p', identity, hello: {} } as AttachedSession;
const origin = { sequence: 2, traceparent: '' };
const heartbeat = { observedAtMs: 5, sourceConnected: true, sourceReadAtMs: 4 };

/** Text that does not compress well. */
const noise = (length: number) =>
  Array.from({ length }, () => String.fromCharCode(randomInt(0x4e00, 0x9fff))).join('');

const big = healthyStatus('east', 'big', {
  health: 'Degraded',
  message: 'p7 is broken',
  objects: Array.from({ length: 3_000 }, (_, index) => ({
    key: { group: '', kind: 'Pod', namespace: noise(60), name: `p${index}` },
    health: index === 7 ? 'Degraded' : 'Healthy',
    reason: noise(200),
  })),
});

test('a status that NATS does not take is stored with a list that is cut, and costs nobody else anything', async () => {
  await using dir = await tempDir('reports');
  const key = createNkey();
  const port = await freePort();
  const storeDir = join(dir.path, 'store');
  mkdirSync(storeDir);
  const config = natsServerConfig({ hubPublicKey: key.publicKey, clusters: [], port, storeDir });
  const nats = await startNats({ dir: dir.path, config, port });
  const signal = AbortSignal.timeout(20_000);
  const connection = await connectNats({ url: nats.url, seed: key.seed, name: 'hub', signal });
  try {
    const ledger = await openLedger({ connection, shard: 'main', holder: 'hub', clock: systemClock });
    await expect(ledger.statusBoard.put({ cluster: 'east', application: 'big' }, big)).rejects.toMatchObject({
      code: 'invalid',
    });
    const telemetry = createTelemetry({ service: 'hub', instance: 'h', logLevel: 'error' });
    const receiver = reportReceiver({
      statusBoard: ledger.statusBoard,
      events: ledger.events,
      knownApplications: () => [],
      clock: systemClock,
      random: Math.random,
      ...telemetry,
    });
    const small = { ...big, application: 'small', objects: [] };
    await receiver.onSnapshot(session, { applications: [big, small], heartbeat }, origin);
    await receiver.onApplication(session, { ...big, generation: 2 }, { ...origin, sequence: 3 });
    const stored = await ledger.statusBoard.all(signal);
    const valueOf = (name: string) => stored.find(({ application }) => application === name)?.value;
    expect(valueOf('big')).toMatchObject({
      generation: 2,
      sequence: 3,
      message: expect.stringMatching(/^p7 is broken; .*2999 Healthy, 1 Degraded/),
      objects: expect.arrayContaining([
        expect.objectContaining({ key: expect.objectContaining({ name: 'p7' }) }),
      ]),
    });
    expect(valueOf('small')).toMatchObject({ message: 'p7 is broken', objects: [] });
  } finally {
    await connection.close();
    await nats.stop();
  }
});
