import { parseArgs } from 'node:util';
import { huntMutants, isAsExpected } from '../src/simulation/hunt.ts';
import type { Caught } from '../src/simulation/hunt.ts';
import { keepKnownSeeds, readKnownSeeds } from '../src/simulation/known-seeds.ts';
import { mutants } from '../src/simulation/mutant-table.ts';

// npm run mutants: defects put into the production code one by one, each until a simulated world shows it.
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    anew: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());

const row = ({ name, seed, how, equivalent }: Caught): string => {
  const survived = equivalent === undefined || how !== '' ? `SURVIVED ${how}` : `equivalent: ${equivalent}`;
  return `${name.padEnd(70)} ${String(seed ?? '-').padStart(6)}  ${seed === undefined ? survived : how}\n`;
};

process.stdout.write(`${'mutant'.padEnd(70)} ${'seed'.padStart(6)}  caught by\n`);
const startedMs = Date.now();
const all = await huntMutants({
  mutants: mutants.filter(({ name }) => name.includes(values.only)),
  seeds: Number(values.seeds),
  known: values.anew ? {} : readKnownSeeds(),
  workers: Number(values.workers),
  signal: stopping.signal,
  caught: (one) => process.stdout.write(row(one)),
});
if (values.keep) keepKnownSeeds(all);
const wrong = all.filter((one) => !isAsExpected(one));
const survivors = wrong.filter(({ seed }) => seed === undefined).map(({ name }) => name);
const seconds = Math.round((Date.now() - startedMs) / 1_000);
process.stdout.write(
  `\nmutants: ${all.length - wrong.length} of ${all.length} as expected, in ${seconds} s\n`,
);
if (survivors.length > 0) process.stdout.write(`survived: ${survivors.join('; ')}\n`);
process.exitCode = wrong.length === 0 && all.length > 0 && !stopping.signal.aborted ? 0 : 1;
