#!/usr/bin/env node
// Starts the CLI with a Node that runs TypeScript. Plain JavaScript on purpose: it runs on whatever Node comes first
// on the PATH, and hands over to the Node 24 of node_modules when that one is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, '..', 'src', 'main.ts');

/** What npm installed beside us: in this folder's node_modules or in that of a parent. */
function installed(name, folder = here) {
  const candidate = join(folder, 'node_modules', name);
  if (existsSync(candidate)) return candidate;
  const parent = dirname(folder);
  return parent === folder ? undefined : installed(name, parent);
}

function giveUp(what, fix) {
  process.stderr.write(`meridian: ${what}\n  fix: ${fix}\n`);
  process.exit(1);
}

function handOver(node) {
  const args = [main, ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit' });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    giveUp(`${node} does not start: ${error.message}`, 'install Node 24, or run "npm ci"');
  });
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

const node = installed('.bin/node');
if (!installed('commander')) {
  giveUp(
    'its packages are not installed yet',
    'run "npm start", which installs them and runs a fleet on this machine, or "npm ci", which only installs',
  );
} else if (Number(process.versions.node.split('.')[0]) >= 24) {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  await import(main);
} else if (node) {
  handOver(node);
} else {
  giveUp(`Node 24 or later is needed, this is ${process.versions.node}`, 'run "npm ci", or install Node 24');
}
