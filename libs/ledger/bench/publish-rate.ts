import { startRig } from '../src/testing/rig.ts';

/** Prints how many fenced records of 500 bytes one leader stores per second, one by one and pipelined. */
const signal = AbortSignal.timeout(120_000);
await using rig = await startRig();
const ledger = await rig.ledger('bench');
const claim = await ledger.claim({ signal });
if (!claim.ok) throw new Error(claim.reason);
const record = (index: number) => ({ subject: `ledger.main.assign.c-${index}.app`, body: 'x'.repeat(500) });

async function rate(count: number, run: () => Promise<unknown>): Promise<string> {
  const started = performance.now();
  await run();
  return `${Math.round((count * 1_000) / (performance.now() - started))}/s`;
}

const serial = await rate(1_000, async () => {
  for (let index = 0; index < 1_000; index++) await claim.leadership.append([record(index)], signal);
});
const pipelined = await rate(10_000, () =>
  claim.leadership.append(
    Array.from({ length: 10_000 }, (_, index) => record(index)),
    signal,
  ),
);
const replay = await rate(10_000, () => ledger.lastBySubject('ledger.main.assign.*.*', signal));
process.stdout.write(`serial ${serial}\npipelined ${pipelined}\nread last of 10,000 subjects ${replay}\n`);
