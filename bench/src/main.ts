import { parseArgs } from 'node:util';
import { benches } from './benches/index.ts';
import { figureTable } from './table.ts';

const usage = () => {
  const width = Math.max(...benches.map(({ name }) => name.length));
  const list = benches.map(({ name, meaning }) => `  ${name.padEnd(width)}  ${meaning}\n`).join('');
  return `npm run bench -- NAME [--json]\n\n${list}`;
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (positionals.length === 0) {
    process.stdout.write(usage());
    return 0;
  }
  const chosen = benches.filter(({ name }) => positionals.includes(name));
  const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`no such bench: ${unknown.join(', ')}\n\n${usage()}`);
    return 2;
  }
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  const progress = (line: string) => void process.stderr.write(`${line}\n`);
  for (const bench of chosen) {
    progress(`${bench.name}: ${bench.meaning}`);
    const figures = await bench.run({ signal: stopping.signal, progress });
    const text = values.json
      ? figures.map((figure) => `${JSON.stringify(figure)}\n`).join('')
      : figureTable(figures);
    process.stdout.write(text);
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
