import { parseArgs } from 'node:util';
import { runChaos } from '../src/chaos/run-chaos.ts';

// npm run chaos -- agent --kills 500 --seed 1: kills agents on a real API server and looks at what they leave behind.
const usage = `npm run chaos -- agent [--kills N] [--seed N] [--every N] [--json]
`;
const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    kills: number(50),
    seed: number(1),
    every: number(5),
    json: { type: 'boolean', default: false },
  },
});
const numbers = [values.kills, values.seed, values.every].map(Number);
const [kills = 0, seed = 0, every = 0] = numbers;
if (positionals[0] !== 'agent' || numbers.some((each) => !Number.isSafeInteger(each)) || every < 1) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  const progress = (line: string) => void process.stderr.write(`${line}\n`);
  const report = await runChaos({ kills, seed, every, signal: stopping.signal, progress });
  const { mistakes, ...figures } = report;
  const lines = Object.entries(figures).map(([figure, value]) => `${figure.padEnd(14)}${value}\n`);
  const text = [
    ...lines,
    `mistakes      ${mistakes.length}\n`,
    ...mistakes.map((mistake) => `  ${mistake}\n`),
  ];
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : text.join(''));
  process.exitCode = mistakes.length > 0 || report.kills < kills ? 1 : 0;
}
