import { parseArgs } from 'node:util';
import { huntMutants, isAsExpected } from '../src/simulation/hunt.ts';
import type { Caught } from '../src/simulation/hunt.ts';

// npm run mutants: defects put into the production code one by one, each until a simulated world shows it.
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '4000' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
  },
});
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());

const row = ({ name, seeds, invariant, equivalent }: Caught): string => {
  const how = seeds === undefined ? (equivalent ? `equivalent: ${equivalent}` : 'SURVIVED') : invariant;
  return `${name.padEnd(66)} ${(seeds === undefined ? '-' : String(seeds)).padStart(6)}  ${how}\n`;
};

process.stdout.write(`${'mutant'.padEnd(66)} ${'seeds'.padStart(6)}  caught by\n`);
const all = await huntMutants({
  seeds: Number(values.seeds),
  workers: Number(values.workers),
  only: values.only,
  signal: stopping.signal,
  caught: (one) => process.stdout.write(row(one)),
});
const wrong = all.filter((one) => !isAsExpected(one));
const survivors = wrong.filter(({ seeds }) => seeds === undefined).map(({ name }) => name);
process.stdout.write(`\nmutants: ${all.length - wrong.length} of ${all.length} as expected\n`);
if (survivors.length > 0) process.stdout.write(`survived: ${survivors.join('; ')}\n`);
process.exitCode = wrong.length === 0 && !stopping.signal.aborted ? 0 : 1;
