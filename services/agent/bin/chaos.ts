import { parseArgs } from 'node:util';
import { runChaos } from '../src/chaos/run-chaos.ts';
import { measureFaults, measuredElsewhere } from '../src/faults/measure-faults.ts';
import { rowTable } from '../src/faults/row.ts';

// npm run chaos -- agent --kills 500 --seed 1: kills agents on a real API server and looks at what they leave behind.
// npm run chaos -- agent-faults: measures agents while their API servers misbehave, and what they have promised for that.
const usage = `npm run chaos -- agent [--kills N] [--seed N] [--every N] [--json]
npm run chaos -- agent-faults [--seconds N] [--only TEXT] [--json]
`;
const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    kills: number(50),
    seed: number(1),
    every: number(5),
    seconds: number(30),
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const numbers = [values.kills, values.seed, values.every, values.seconds].map(Number);
const [kills = 0, seed = 0, every = 0, seconds = 0] = numbers;
const stopping = new AbortController();
const progress = (line: string) => void process.stderr.write(`${line}\n`);

async function kill(): Promise<boolean> {
  const report = await runChaos({ kills, seed, every, signal: stopping.signal, progress });
  const { mistakes, ...figures } = report;
  const lines = Object.entries(figures).map(([figure, value]) => `${figure.padEnd(14)}${value}\n`);
  const text = [
    ...lines,
    `mistakes      ${mistakes.length}\n`,
    ...mistakes.map((mistake) => `  ${mistake}\n`),
  ];
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : text.join(''));
  return mistakes.length === 0 && report.kills >= kills;
}

async function misbehave(): Promise<boolean> {
  const rows = await measureFaults({ seconds, only: values.only, signal: stopping.signal, progress });
  const elsewhere = measuredElsewhere.map((line) => `elsewhere: ${line}\n`).join('');
  process.stdout.write(values.json ? `${JSON.stringify(rows)}\n` : `${rowTable(rows)}${elsewhere}`);
  return rows.length > 0 && rows.every(({ met }) => met);
}

const runs: { readonly [name: string]: () => Promise<boolean> } = { agent: kill, 'agent-faults': misbehave };
const run = runs[positionals[0] ?? ''];
const areNumbersGood = numbers.every((each) => Number.isSafeInteger(each)) && every >= 1 && seconds >= 1;
if (run === undefined || !areNumbersGood) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  process.exitCode = (await run()) ? 0 : 1;
}
