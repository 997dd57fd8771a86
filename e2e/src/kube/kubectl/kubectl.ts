import { execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePart } from '@meridian/testkit';
import { writeManifests } from './files.ts';

/** How a command ended and what it showed, without what two servers cannot agree on. */
export interface Shown {
  readonly code: number;
  readonly output: string;
}

/** Where a command runs: against which server, in which folder of files, and with which editor. */
export interface Terminal {
  readonly kubeconfig: string;
  readonly folder: string;
}

const longestMs = 120_000;

/** Opens a terminal with the files of the sessions, in a namespace that it makes. */
export async function openTerminal(
  { kubeconfig, dir }: { readonly kubeconfig: string; readonly dir: string },
  namespace: string,
): Promise<Terminal> {
  const folder = join(dir, namespace);
  await mkdir(folder);
  await writeManifests(folder, namespace);
  const terminal = { kubeconfig, folder };
  await kubectl(terminal, `create namespace ${namespace}`);
  return terminal;
}

/**
 * Runs the lines of a session in several terminals side by side and calls `compare` with what each showed. What a line shows on the
 * way may depend on the moment: those that begin with `settle` only have to succeed, those with `until` to succeed in the end, and
 * those with `until not` to fail in the end.
 */
export async function playSession(
  terminals: readonly Terminal[],
  lines: readonly string[],
  compare: (line: string, shown: readonly Shown[]) => void,
): Promise<void> {
  for (const line of lines) {
    const [, how, command = ''] = /^(settle |until not |until )?(.*)$/s.exec(line) ?? [];
    const isWanted = ({ code }: Shown) => (code === 0) === (how !== 'until not ');
    const run = (terminal: Terminal) =>
      how?.startsWith('until ') === true
        ? repeatKubectl(terminal, command, isWanted)
        : kubectl(terminal, command);
    const shown = await Promise.all(terminals.map(run));
    if (how === undefined) compare(line, shown);
    const other = shown.find((one) => !isWanted(one));
    if (how !== undefined && other !== undefined) throw new Error(`"${line}" failed: ${other.output}`);
  }
}

/** Runs a line of kubectl again and again until it ends as wanted, or a minute has passed. */
async function repeatKubectl(
  terminal: Terminal,
  line: string,
  isWanted: (shown: Shown) => boolean,
): Promise<Shown> {
  const giveUpAt = performance.now() + 60_000;
  for (;;) {
    const shown = await kubectl(terminal, line);
    if (isWanted(shown) || performance.now() > giveUpAt) return shown;
  }
}

/**
 * Runs one line of kubectl. Words are parted by spaces, but for those in single or double quotes; `EDITOR='…' edit …` sets the
 * editor. Rejects when it does not end within two minutes.
 */
export function kubectl(terminal: Terminal, line: string): Promise<Shown> {
  const { words, env } = parseLine(line);
  const [program, args] = [requirePart('kubectl'), [`--kubeconfig=${terminal.kubeconfig}`, ...words]];
  const options = { cwd: terminal.folder, env: { ...process.env, ...env }, timeout: longestMs };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error?.killed === true) reject(new Error(`"${line}" did not end within ${longestMs} ms`));
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
      const output = withoutChance(`${stdout}${stderr}`, terminal);
      resolve({ code, output: listsLabels.test(line) ? inOrder(output) : output });
    });
  });
}

/** A command that shows more as time goes by. */
export interface Watching {
  /** Returns when a text was shown, or the command ended. */
  shows(text: string): Promise<void>;
  /** Returns when that many lines were shown, or the command ended; then ends it. */
  stop(lines: number): Promise<Shown>;
}

/** Runs a line of kubectl that does not end by itself, such as `get --watch`. */
export function watchKubectl(terminal: Terminal, line: string): Watching {
  const { words } = parseLine(line);
  const child = spawn(requirePart('kubectl'), [`--kubeconfig=${terminal.kubeconfig}`, ...words], {
    cwd: terminal.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestMs,
  });
  let output = '';
  let ended = false;
  const changes = new EventEmitter();
  const note = (chunk: Buffer) => {
    output += chunk.toString();
    changes.emit('change');
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  child.once('close', () => {
    ended = true;
    changes.emit('change');
  });
  const until = async (isDone: () => boolean) => {
    while (!ended && !isDone()) await once(changes, 'change');
  };
  return {
    shows: (text) => until(() => output.includes(text)),
    async stop(lines) {
      await until(() => output.split('\n').length > lines);
      child.kill();
      await until(() => false);
      return { code: 0, output: withoutChance(output, terminal) };
    },
  };
}

function parseLine(line: string): { words: string[]; env: Record<string, string> } {
  const found = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  const plain = found.map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, a?: string, b?: string) => a ?? b ?? ''),
  );
  const setting = /^([A-Z_]+)=(.*)$/s.exec(plain[0] ?? '');
  if (setting === null) return { words: plain, env: {} };
  return { words: plain.slice(1), env: { [setting[1] ?? '']: setting[2] ?? '' } };
}

/** Labels and annotations are listed as Go walks over a map: in any order. */
const listsLabels = /^(label|annotate) .*--list\b/;

function inOrder(output: string): string {
  return output.split('\n').sort().join('\n');
}

/** Takes out what two servers cannot agree on: addresses, allocated ports, uids, hashes and names, times, revisions, ages, temporary files. */
function withoutChance(output: string, { folder }: Terminal): string {
  return (
    output
      .replaceAll(folder, '<folder>')
      // Before names and hashes, which digits may look like.
      .replaceAll(/\/(LIVE|MERGED)-\d+\//g, '/$1/')
      .replaceAll(/kubectl-edit-\d+/g, 'kubectl-edit')
      .replaceAll(/\b127\.0\.0\.1:\d+\b/g, '<server>')
      .replaceAll(/\b10\.\d+\.\d+\.\d+\b/g, '<address>')
      .replaceAll(/\b(\d+:)3[0-2]\d{3}\b/g, '$1<port>')
      .replaceAll(/((?:nodePort|NodePort): .*?)3[0-2]\d{3}/g, '$1<port>')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replaceAll(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000/g, '<time>')
      .replaceAll(/(resourceVersion\\*"?: ?|Resource Version: +)\\*"?\d+\\*"?/g, '$1<revision>')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000/g, '<time>')
      .replaceAll(/\b(\d+s|\d+m\d*s?|<invalid>)(?=\s|$)/gm, '<age>')
      .replaceAll(/(?<=[-=])[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, '<hash>')
      .replaceAll(/(?<=-)[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '<name>')
      .replaceAll(/[ \t]+/g, ' ')
      .replaceAll(/-{3,}/g, '---')
  );
}
