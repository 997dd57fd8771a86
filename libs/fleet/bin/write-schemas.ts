import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fleetJsonSchemas } from '../src/index.ts';

// Writes the JSON Schemas that editors check fleet configuration with; with --check fails when they are out of date.
const folder = join(import.meta.dirname, '../../../docs/schemas');
const check = process.argv.includes('--check');

const stale: string[] = [];
for (const [kind, schema] of Object.entries(fleetJsonSchemas())) {
  const path = join(folder, `${kind}.schema.json`);
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (present(path) === text) continue;
  stale.push(`docs/schemas/${kind}.schema.json`);
  if (check) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
if (check && stale.length > 0) {
  process.stderr.write(`out of date: ${stale.join(', ')}; run node libs/fleet/bin/write-schemas.ts\n`);
  process.exitCode = 1;
}

function present(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
