import { parseArgs } from 'node:util';
import { runSeeds } from '../src/simulation/workers.ts';

// npm run simulate -- --seeds 20000 --from 1: whole fleets in simulated time, one for each seed.
// npm run simulate -- --seed 42: one of them, with everything that happens in it.
const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const;
const { values } = parseArgs({
  options: {
    seeds: number(20_000),
    from: number(1),
    workers: number(2),
    seed: { type: 'string' },
    mutant: { type: 'string' },
    focus: { type: 'string' },
  },
});
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());

const isOne = values.seed !== undefined;
const from = Number(values.seed ?? values.from);
const count = isOne ? 1 : Number(values.seeds);
const numbers = [from, count, Number(values.workers)];
if (numbers.some((each) => !Number.isSafeInteger(each) || each < 1)) {
  process.stderr.write(
    'npm run simulate -- [--seeds N] [--from N] [--workers N] | --seed N [--mutant NAME]; [--focus NAME]\n',
  );
  process.exit(2);
}
let lived = 0;
const figures = new Map<string, number>();
const startedMs = Date.now();
const wrong = await runSeeds({
  from,
  to: from + count,
  workers: isOne ? 1 : Number(values.workers),
  signal: stopping.signal,
  ...(values.mutant === undefined ? {} : { mutant: values.mutant }),
  ...(values.focus === undefined ? {} : { focus: values.focus }),
  ...(isOne ? { tell: (atMs, text) => process.stdout.write(`${(atMs / 1_000).toFixed(3)} ${text}\n`) } : {}),
  progress(outcomes) {
    for (const { figures: own, events } of outcomes)
      for (const [name, value] of Object.entries({ ...own, events }))
        figures.set(name, (figures.get(name) ?? 0) + value);
    lived += outcomes.length;
    if (!isOne && lived % 1_000 === 0) process.stdout.write(`${lived} of ${count} seeds\n`);
  },
});
const seconds = Math.round((Date.now() - startedMs) / 1_000);
const figure = (name: string) => figures.get(name) ?? 0;
process.stdout.write(
  `${lived} seeds in ${seconds} s: ${figure('events')} events, ${figure('messages')} ledger messages, ${figure('faults')} faults, ` +
    `${figure('rollout.started')} rollouts started, ${figure('rollout.halted')} halted, ${figure('rollout.completed')} completed\n`,
);
if (wrong?.violation) {
  const { invariant, message, atMs } = wrong.violation;
  process.stdout.write(
    `seed ${wrong.seed} breaks "${invariant}" at ${(atMs / 1_000).toFixed(3)} s: ${message}\n` +
      `replay it with: npm run simulate -- --seed ${wrong.seed}${values.focus === undefined ? '' : ` --focus '${values.focus}'`}\n`,
  );
}
process.exitCode = wrong || lived < count ? 1 : 0;
