import { comparedParts, installParts, neededParts } from '../src/runner/parts.ts';

// Installs every outside program, so that the first start and the first tests need not wait for it.
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
const problem = await installParts(stopping.signal);
process.stdout.write(
  problem === undefined ? `all there: ${[...neededParts, ...comparedParts].join(', ')}\n` : `${problem}\n`,
);
process.exitCode = problem === undefined ? 0 : 1;
