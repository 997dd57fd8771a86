import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateConfiguration } from '../src/generators/configuration.ts';
import { differences, writeGenerated } from '../src/generators/generated.ts';
import { generateProtocol } from '../src/generators/protocol.ts';
import { generateRights } from '../src/generators/rights.ts';
import { repositoryRoot, runCommand } from '../src/runner/command.ts';

// Writes everything that is generated; with --check writes nothing and fails when something is out of date.
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const generators = [
  { name: 'protocol code', make: generateProtocol },
  { name: 'configuration reference', make: generateConfiguration },
  { name: 'rights of the agent', make: generateRights },
];

const problems: string[] = [];
for (const { name, make } of generators) {
  try {
    const generated = await make();
    const found = await (values.check ? differences : writeGenerated)(repositoryRoot, generated);
    if (values.check) problems.push(...found);
    else process.stdout.write(`${name}: ${found.length === 0 ? 'up to date' : 'written'}\n`);
  } catch (error) {
    problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
problems.push(...(await fleetSchemas()));

if (problems.length > 0) {
  const advice = values.check ? 'Run `npm run generate` and commit the result.\n' : '';
  process.stderr.write(`${problems.join('\n')}\n${advice}`);
  process.exitCode = 1;
}

async function fleetSchemas(): Promise<readonly string[]> {
  const script = join(repositoryRoot, 'libs/fleet/bin/write-schemas.ts');
  if (!existsSync(script)) return [];
  const ended = await runCommand({
    file: process.execPath,
    args: [script, ...(values.check ? ['--check'] : [])],
  });
  if (ended.code !== 0) return [`fleet schemas: ${ended.output.trim()}`];
  if (!values.check) process.stdout.write('fleet schemas: written\n');
  return [];
}
