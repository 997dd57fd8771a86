import { availableParallelism } from 'node:os';
import { openRepository, type Repository } from '@meridian/git';
import { RenderPool } from '@meridian/rendering';
import { FaultError } from '@meridian/runtime';
import { chartsBy } from '../charts.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import type { LabelsOf } from '../plan/alike.ts';
import { compareRevisions } from '../plan/compare-revisions.ts';
import { hasChanges, hasNewProblems } from '../plan/fleet-plan.ts';
import { planMarkdown } from '../plan/markdown.ts';
import { chartsByTurns } from '../plan/plan-charts.ts';
import { openRevision, type Revision } from '../plan/revision.ts';
import { planText } from '../plan/text.ts';

/** What `meridian plan` is told. */
export interface PlanParameters {
  readonly base?: string;
  readonly head: string;
  readonly fleetPath: string;
  /** The helm that renders charts. */
  readonly helmCommand: string;
  readonly markdown: boolean;
  readonly exitCode: boolean;
}

/** As many threads as help; memory as on hubs, and time for a machine that is slower than theirs. */
const limits = {
  threads: Math.min(8, availableParallelism()),
  timeLimitMs: 60_000,
  memoryMb: 384,
  fix: 'split the application; hubs have limits, too (MERIDIAN_RENDER_TIME_LIMIT_MS, MERIDIAN_RENDER_MEMORY_MB)',
};

/**
 * `meridian plan`: what the commits from base to head would do in every cluster. It asks no hub and fetches nothing. Exit
 * code 1 when the head brings a new problem, else 5 with `--exit-code` when something would change.
 */
export const plan: Command<PlanParameters> = async ({ io, printer }, parameters) => {
  const { head: headName, fleetPath, markdown, exitCode } = parameters;
  const { plan: found, labelsOf } = await withHints(async () => {
    const place = { dir: io.cwd, path: io.env['PATH'], home: io.env['HOME'] };
    const repository = await openRepository(place, io.signal);
    const head = await repository.commitOf(headName, io.signal);
    const base = await baseOf(repository, { name: parameters.base, head }, io.signal);
    const before = await openRevision(repository, { id: base, fleetPath }, io.signal);
    const after = await openRevision(repository, { id: head, fleetPath, known: before }, io.signal);
    await using charts = chartsBy(io, parameters.helmCommand);
    await using pool = new RenderPool(limits);
    const tools = { pool, charts: chartsByTurns(charts.helm, limits.threads), signal: io.signal };
    return { plan: await compareRevisions(before, after, tools), labelsOf: labelsIn(before, after) };
  });
  if (markdown) printer.raw(planMarkdown(found, labelsOf));
  else if (!(await printer.machine(found))) printer.raw(planText(found, labelsOf, printer.paint));
  if (hasNewProblems(found)) return exitCodes.failed;
  return exitCode && hasChanges(found) ? exitCodes.changes : exitCodes.ok;
};

function labelsIn(...revisions: readonly Revision[]): LabelsOf {
  const clusters = revisions.flatMap(({ parsed }) => parsed.config.clusters);
  return new Map(clusters.map(({ name, labels }) => [name, labels]));
}

/** Where remotes keep what hubs deploy, by the names that it mostly has. */
const mainBranches = ['refs/remotes/origin/HEAD', 'refs/remotes/origin/main', 'refs/remotes/origin/master'];

/**
 * The base that is told; else where the head left the remote's main branch; on that branch itself, or without a remote,
 * the commit before.
 */
async function baseOf(
  repository: Repository,
  { name, head }: { readonly name: string | undefined; readonly head: string },
  signal: CommandContext['io']['signal'],
): Promise<string> {
  if (name !== undefined) return repository.commitOf(name, signal);
  for (const branch of mainBranches) {
    const main = await repository.commitOf(branch, signal).catch(() => undefined);
    signal.throwIfAborted();
    if (main === undefined) continue;
    const parting = await repository.mergeBase(main, head, signal);
    if (parting !== undefined && parting !== head) return parting;
    break;
  }
  return repository.commitOf(`${head}~1`, signal).catch(() => {
    signal.throwIfAborted();
    throw new CliError(
      exitCodes.failed,
      `there is no commit before ${head.slice(0, 7)} in this clone`,
      'name another one with --base; a shallow clone of CI needs more history (actions/checkout: fetch-depth: 0)',
    );
  });
}

/** What git complains of, as an error of the command line. */
async function withHints<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    const fix =
      error.code === 'not_found'
        ? 'run it in a clone of the fleet repo that has both commits (git fetch; in CI actions/checkout with fetch-depth: 0)'
        : undefined;
    throw new CliError(exitCodes.failed, error.message, fix);
  }
}
