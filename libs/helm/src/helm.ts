import { copyFile, link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LocatedError } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { chartProblem, defaultLimits } from './chart.ts';
import type { Chart, HelmLimits } from './chart.ts';
import { complaintError, isExhausted } from './complaint.ts';
import { jailedCommand, jailsOn } from './jail.ts';
import type { Jail } from './jail.ts';
import { runLimited } from './run-limited.ts';
import type { Ended } from './run-limited.ts';

/** What a chart gives, as helm prints it, or why it gives nothing. */
export type RenderedChart =
  | { readonly text: string }
  | {
      readonly errors: readonly LocatedError[];
      /** It took too long, too much memory or gave too much: on another day it may go through. */
      readonly isLimit?: true;
    };

/** The helm program of this machine, in its jail. Disposing removes its directory. */
export interface Helm extends AsyncDisposable {
  readonly version: string;
  /** What the machine lets the jail hold. */
  readonly jail: Jail;
  /**
   * Renders a chart as `helm template` does, offline: `lookup` finds nothing and dependencies must lie in `charts/`. It is
   * done twice; a chart whose outputs differ is refused, because no two hubs would agree on it. Throws only when the
   * signal aborts or the disk fails.
   */
  readonly render: (chart: Chart, signal: AbortSignal) => Promise<RenderedChart>;
}

/** What `openHelm` needs; what is left out has the defaults. */
export interface HelmOptions {
  /** Path of the program. */
  readonly program: string;
  readonly clock: Clock;
  readonly limits?: Partial<HelmLimits>;
  /** A directory for it alone, which is emptied first; a temporary one unless told. */
  readonly directory?: string;
}

/** Finds the tightest jail in which the program runs here. Throws FaultError `unsupported` when it runs in none. */
export async function openHelm(options: HelmOptions, signal: AbortSignal): Promise<Helm> {
  const limits = { ...defaultLimits, ...options.limits };
  const root = await emptyDirectory(options.directory);
  const remove = () => rm(root, { recursive: true, force: true });
  try {
    await copyFile(options.program, join(root, 'helm'));
    const { jail, version } = await tightest(root, limits, signal);
    const place: Place = { root, jail, limits, clock: options.clock };
    return {
      jail,
      version,
      render: (chart, until) => render(place, chart, until),
      [Symbol.asyncDispose]: remove,
    };
  } catch (cause) {
    await remove();
    signal.throwIfAborted();
    if (cause instanceof FaultError) throw cause;
    throw new FaultError('unsupported', `${options.program} cannot be read`, { retry: 'never', cause });
  }
}

/** What a process that was killed has left in its own directory goes with the next start. */
async function emptyDirectory(path: string | undefined): Promise<string> {
  if (path === undefined) return mkdtemp(join(tmpdir(), 'meridian-helm-'));
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

interface Place {
  readonly root: string;
  readonly jail: Jail;
  readonly limits: HelmLimits;
  readonly clock: Clock;
}

async function tightest(
  root: string,
  limits: HelmLimits,
  signal: AbortSignal,
): Promise<{ readonly jail: Jail; readonly version: string }> {
  let last: Ended | undefined;
  for (const jail of jailsOn(process.platform)) {
    last = await runLimited(jailedCommand(jail, root, limits, ['version', '--short']), limits, signal);
    const version =
      last.kind === 'exited' && last.code === 0 ? /v\d+\.\d+\S*/.exec(last.output)?.[0] : undefined;
    if (version !== undefined) return { jail, version };
  }
  const why = last?.kind === 'exited' ? last.complaint.trim().slice(0, 300) : (last?.kind ?? '');
  throw new FaultError('unsupported', `helm does not run on this machine: ${why}`, { retry: 'never' });
}

async function render(place: Place, chart: Chart, signal: AbortSignal): Promise<RenderedChart> {
  const problem = chartProblem(chart, place.limits);
  if (problem) return { errors: [problem] };
  const dir = await mkdtemp(join(place.root, 'chart-'));
  try {
    await write(place.root, dir, chart);
    const first = await renderOnce(place, dir, chart, signal);
    if ('errors' in first) return first;
    // What a template makes of the clock shows by the second at the earliest.
    if (readsClock(chart)) await place.clock.wait(1_100, signal);
    const second = await renderOnce(place, dir, chart, signal);
    if ('errors' in second || second.text === first.text) return second;
    return { errors: [chanceError(chart, first.text, second.text)] };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function write(root: string, dir: string, { files, values }: Chart): Promise<void> {
  await link(join(root, 'helm'), join(dir, 'helm'));
  await mkdir(join(dir, 'home'));
  const contents = [
    ...[...files].map(([path, content]) => [join('chart', path), content] as const),
    ...values.map((text, index) => [join('values', `${index}.yaml`), text] as const),
  ];
  for (const [path, content] of contents) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content, { flag: 'wx' });
  }
}

async function renderOnce(
  { jail, limits }: Place,
  dir: string,
  chart: Chart,
  signal: AbortSignal,
): Promise<RenderedChart> {
  const ended = await runLimited(jailedCommand(jail, dir, limits, templateArgs(chart)), limits, signal);
  if (ended.kind === 'exited' && ended.code === 0) return { text: ended.output };
  if (ended.kind === 'exited') {
    const errors = [complaintError(chart.dir, ended.complaint)];
    return isExhausted(ended) ? { errors, isLimit: true } : { errors };
  }
  const message = limitMessages[ended.kind](limits);
  return { errors: [{ file: chart.dir, message, fix: 'make the chart smaller' }], isLimit: true };
}

const limitMessages = {
  'too-long': ({ timeMs }: HelmLimits) => `the chart takes longer than ${timeMs} ms`,
  killed: ({ timeMs }: HelmLimits) =>
    `the chart takes longer than ${timeMs} ms of processor time, or the machine ran out of memory`,
  'too-much': ({ outputBytes }: HelmLimits) => `the chart gives more than ${outputBytes} bytes`,
};

function templateArgs(chart: Chart): string[] {
  return [
    'template',
    ...(chart.releaseName === undefined ? [] : [chart.releaseName]),
    '{dir}/chart',
    ...(chart.namespace === undefined ? [] : [`--namespace=${chart.namespace}`]),
    ...(chart.nameTemplate === undefined ? [] : [`--name-template=${chart.nameTemplate}`]),
    ...chart.values.map((_, index) => `--values={dir}/values/${index}.yaml`),
    ...chart.apiVersions.map((version) => `--api-versions=${version}`),
    ...(chart.kubeVersion === undefined ? [] : [`--kube-version=${chart.kubeVersion}`]),
    ...(chart.includeCrds ? ['--include-crds'] : []),
    ...(chart.skipTests ? ['--skip-tests'] : []),
    ...(chart.skipHooks ? ['--no-hooks'] : []),
  ];
}

function readsClock({ files, values }: Chart): boolean {
  return [...files.values(), ...values].some(
    (content) => typeof content === 'string' && /\{\{[^}]*\b(?:now|ago)\b/.test(content),
  );
}

/** Where two renderings of the same chart part; what they hold there is not told, it may be a secret. */
function chanceError({ dir }: Chart, first: string, second: string): LocatedError {
  const [left, right] = [first.split('\n'), second.split('\n')];
  const at = left.findIndex((line, index) => line !== right[index]);
  const source = left
    .slice(0, Math.max(at, 0) + 1)
    .map((line) => /^# Source: [^/]+\/(.+)$/.exec(line)?.[1])
    .findLast((path) => path !== undefined);
  return {
    file: source === undefined ? dir : `${dir}/${source}`,
    message:
      'the chart gives something else each time it is rendered, by a random value, a generated key or the clock',
    fix: 'set the value that replaces the generated one',
  };
}
