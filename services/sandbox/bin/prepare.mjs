// Makes a fresh clone able to run: installs the npm packages when they are missing or out of date, then makes sure
// that `node` of the following npm script is recent enough. Plain JavaScript on purpose: it runs on whatever Node
// the machine has (18 or later), before anything is installed. With --if-missing it leaves installed packages as they
// are, for commands that end a fleet: those that it runs from must not be replaced under it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const lockFile = join(root, 'package-lock.json');
const installedFile = join(root, 'node_modules', '.package-lock.json');
const installedNode = join(root, 'node_modules', '.bin', 'node');
const oldest = [24, 11];

/** Says what is wrong and how to mend it, and ends the process. */
function giveUp(what, fix) {
  process.stderr.write(`\nmeridian: ${what}\n  fix: ${fix}\n`);
  process.exit(1);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether every package of the lock file is installed in its version; packages of other platforms may be absent. */
function holdsTheSame(lock, installed) {
  const wanted = Object.entries(lock.packages ?? {}).filter(([path]) => path.includes('node_modules/'));
  const present = installed.packages ?? {};
  const same = ([path, entry]) =>
    present[path] === undefined
      ? entry.optional === true
      : present[path].version === entry.version && present[path].resolved === entry.resolved;
  const known = new Set(wanted.map(([path]) => path));
  return (
    wanted.every(same) &&
    Object.keys(present).every((path) => known.has(path) || !path.includes('node_modules/'))
  );
}

function isInstalled() {
  if (!existsSync(installedFile)) return false;
  if (process.argv.includes('--if-missing')) return true;
  if (statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs) return true;
  // A checkout may touch the lock file without changing it; replacing node_modules under a running fleet would hurt.
  const [lock, installed] = [readJson(lockFile), readJson(installedFile)];
  if (!lock || !installed || !holdsTheSame(lock, installed)) return false;
  const now = new Date();
  utimesSync(installedFile, now, now);
  return true;
}

/** Prints one step: an updating line on a terminal, a line every 15 s elsewhere. */
function showProgress(text) {
  const startedMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedMs) / 1000);
  const isTerminal = process.stderr.isTTY === true;
  if (!isTerminal) process.stderr.write(`${text} …\n`);
  const timer = setInterval(
    () =>
      process.stderr.write(isTerminal ? `\r\x1b[2K${text} … ${seconds()} s` : `${text} … ${seconds()} s\n`),
    isTerminal ? 500 : 15_000,
  );
  return (ending) => {
    clearInterval(timer);
    process.stderr.write(`${isTerminal ? '\r\x1b[2K' : ''}${text}: ${ending} (${seconds()} s)\n`);
  };
}

async function install() {
  const npmScript = process.env.npm_execpath;
  const [command, first] = npmScript?.endsWith('.js') ? [process.execPath, [npmScript]] : ['npm', []];
  const finish = showProgress('installing npm packages (npm ci)');
  const child = spawn(
    command,
    [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error', '--progress=false'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  const keep = (chunk) => (output = (output + chunk).slice(-8_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      keep(error.message);
      resolve(127);
    });
    child.on('close', resolve);
  });
  finish(code === 0 ? 'done' : 'failed');
  if (code === 0) return;
  process.stderr.write(`${output.trim()}\n`);
  giveUp(
    `npm ci ended with code ${code}`,
    'read the lines above; npm needs to reach its registry and about 1 GB of free disk',
  );
}

/** `[major, minor]` of a Node executable, or undefined when it does not run on this machine. */
function versionOf(executable) {
  const { stdout, status } = spawnSync(executable, ['--version'], { encoding: 'utf8' });
  const match = status === 0 ? /^v(\d+)\.(\d+)\./.exec(stdout) : null;
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

const isRecent = (version) =>
  version !== undefined && (version[0] > oldest[0] || (version[0] === oldest[0] && version[1] >= oldest[1]));

function checkNode() {
  if (existsSync(installedNode)) {
    if (isRecent(versionOf(installedNode))) return;
    // It would hide a good system Node from every npm script.
    rmSync(installedNode, { force: true });
  }
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (isRecent([major, minor])) return;
  giveUp(
    `Node ${oldest.join('.')} or later is needed; this is Node ${process.versions.node}, and npm has no ready Node 24 package for ${process.platform}-${process.arch} that runs here`,
    'install Node 24 (https://nodejs.org) and run the command again',
  );
}

if (!existsSync(lockFile)) giveUp(`${lockFile} is missing`, 'run this from a full clone of the repository');
if (!isInstalled()) await install();
checkNode();
