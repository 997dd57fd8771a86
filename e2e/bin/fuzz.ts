import { parseArgs } from 'node:util';
import { fuzzKustomize } from '../src/kustomize/fuzz.ts';

// npm run fuzz -- kustomize --builds 20000 --seed 1: compares this repository with the programs it follows.
const usage = `npm run fuzz -- kustomize [--builds N] [--seed N] [--from N] [--profile 5.5|5.8] [--workers N] [--fields]
`;
const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    builds: number(1_000),
    seed: number(1),
    from: number(0),
    workers: number(2),
    profile: { type: 'string' },
    fields: { type: 'boolean', default: false },
  },
});
const numbers = [values.builds, values.seed, values.from, values.workers].map(Number);
const [builds = 0, seed = 0, from = 0, workers = 0] = numbers;
const { profile } = values;
const isKnown = profile === undefined || profile === '5.5' || profile === '5.8';
if (positionals[0] !== 'kustomize' || !isKnown || numbers.some((each) => !Number.isSafeInteger(each))) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  process.exitCode = await fuzzKustomize({
    builds,
    seed,
    from,
    workers,
    fields: values.fields,
    profiles: profile === undefined ? ['5.5', '5.8'] : [profile],
    signal: stopping.signal,
    write: (text) => process.stdout.write(text),
  });
}
