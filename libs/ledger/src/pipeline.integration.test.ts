import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditLedger } from './index.ts';
import { startRig } from './testing/rig.ts';
import type { Rig } from './testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const soon = () => AbortSignal.timeout(20_000);

test.each([2, 3, 300])(
  'of %i pipelined records none is taken after another leader claimed',
  async (count) => {
    const [one, two] = await Promise.all([rig.ledger('hub-1'), rig.ledger('hub-2')]);
    const zombie = await one.claim({ signal: soon() });
    const leader = await two.claim({ signal: soon() });
    if (!zombie.ok || !leader.ok) throw new Error('no claim');
    const records = Array.from({ length: count }, (_, index) => ({
      subject: `ledger.main.rollout.app-${index}`,
      body: '{}',
    }));
    expect(await zombie.leadership.append(records, soon())).toEqual({ ok: false, reason: 'fenced' });
    expect(await two.tail()).toMatchObject({ sequence: 5, holder: 'hub-2' });
    expect(await leader.leadership.append(records, soon())).toEqual({ ok: true, sequence: 5 + count });
    expect(auditLedger(await two.lastBySubject('ledger.main.>'))).toEqual([]);
  },
);
