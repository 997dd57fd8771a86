import type { RolloutView } from '@meridian/fleet';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import type { FleetClient } from '../fleet-client.ts';
import { createHints } from '../hints.ts';
import { refuseUnknownNames } from '../known-names.ts';
import { isFleet, isObject, isRollouts } from '../shapes.ts';
import { oneLine, shortId, textWidth, timeText } from '../text.ts';
import { gateText, rolloutLines } from './rollouts.ts';

/** `meridian rollout watch [APP]`: the event stream only says when to look; what is shown is read anew each time. */
export const rolloutWatch: Command<{ application: string | undefined; waitMs: number }> = async (
  context,
  { application, waitMs },
) => {
  const api = context.client();
  const { io } = context;
  const show = createView(context);
  const startedMs = io.nowMs();
  // Without a webhook the hubs would see a push of a moment ago only at their next poll.
  await api.post('/v1/refresh', {}, isObject).catch(() => undefined);
  let seenMoving = false;
  const hints = createHints(api, '/v1/watch', io.signal);
  try {
    for (;;) {
      const { all, watched } = await look(context, { api, application, startedMs });
      const moving = watched.filter(isMoving);
      seenMoving ||= moving.length > 0;
      const waitedMs = io.nowMs() - startedMs;
      const settled = seenMoving || waitedMs >= (watched.length > 0 ? settleMs : waitMs);
      if (settled) await show(watched);
      if (settled && moving.length === 0) return await ending(watched, { all, application, show, context });
      await hints.next(settled ? 1_000 : 250);
      io.signal.throwIfAborted();
    }
  } finally {
    hints.close();
  }
};

/** How long a push of a moment ago may take to become a rollout, before an ended one is taken for it. */
const settleMs = 1_000;

interface Asked {
  readonly api: FleetClient;
  readonly application: string | undefined;
  readonly startedMs: number;
}

/** All newest rollouts, and those that concern this watch: moving, ended since it began, or of the newest commit. */
async function look(context: CommandContext, { api, application, startedMs }: Asked) {
  return patiently(context, async () => {
    const [fleet, rollouts] = await Promise.all([
      api.get('/v1/fleet', isFleet),
      api.get('/v1/rollouts', isRollouts),
    ]);
    const all = newestOfEach(
      rollouts.filter((rollout) => application === undefined || rollout.application === application),
    );
    const { revision } = fleet.source;
    const watched = all.filter(
      (rollout) =>
        isMoving(rollout) ||
        endedSince(rollout, startedMs) ||
        wasTheLastPush(rollout, { startedMs, revision }),
    );
    return { all, watched };
  });
}

const justNowMs = 30_000;

/** A fast fleet is done before this command has started: then the rollout of the newest commit is what the person means. */
function wasTheLastPush(
  rollout: RolloutView,
  { startedMs, revision }: { startedMs: number; revision: string | null },
): boolean {
  return rollout.revision === revision && endedSince(rollout, startedMs - justNowMs);
}

function endedSince(rollout: RolloutView, sinceMs: number): boolean {
  return (rollout.endedAtMs ?? 0) >= sinceMs;
}

/** Goes on through a short absence of every hub, such as a restart of both. */
async function patiently<T>({ io }: CommandContext, read: () => Promise<T>): Promise<T> {
  const giveUpAtMs = io.nowMs() + 15_000;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const away = error instanceof CliError && error.exitCode === exitCodes.unreachable;
      if (!away || io.nowMs() >= giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
      io.signal.throwIfAborted();
    }
  }
}

function newestOfEach(rollouts: readonly RolloutView[]): RolloutView[] {
  const newest = new Map<string, RolloutView>();
  for (const rollout of rollouts) {
    const known = newest.get(rollout.application);
    if (known === undefined || rollout.startedAtMs > known.startedAtMs)
      newest.set(rollout.application, rollout);
  }
  return [...newest.values()];
}

const movingPhases: ReadonlySet<RolloutView['phase']> = new Set([
  'waiting',
  'progressing',
  'paused',
  'rollingBack',
]);
const badPhases: ReadonlySet<RolloutView['phase']> = new Set(['halted', 'aborted', 'rolledBack']);

function isMoving(rollout: RolloutView): boolean {
  return movingPhases.has(rollout.phase);
}

interface Ending {
  readonly all: readonly RolloutView[];
  readonly application: string | undefined;
  readonly show: Show;
  readonly context: CommandContext;
}

/** Exit code by what ended while we watched, or by the newest rollout when nothing did. */
async function ending(
  watched: readonly RolloutView[],
  { all, application, show, context }: Ending,
): Promise<number> {
  const newest = all.toSorted((a, b) => b.startedAtMs - a.startedAtMs).slice(0, 1);
  if (newest.length === 0) {
    await refuseUnknownNames(context.client(), { application });
    throw new CliError(
      exitCodes.failed,
      'there is no rollout to watch',
      'push a commit, then run it again; "meridian status" tells whether the hub has seen the commit',
    );
  }
  if (watched.length === 0) {
    if (context.printer.format === 'table')
      context.printer.line('nothing is moving; this is how the newest rollout ended');
    await show(newest);
  }
  const judged = watched.length > 0 ? watched : newest;
  return judged.some((rollout) => badPhases.has(rollout.phase)) ? exitCodes.failed : exitCodes.ok;
}

type Show = (list: readonly RolloutView[]) => Promise<void>;

function createView(context: CommandContext): Show {
  const { format, columns } = context.printer;
  return format === 'table' && columns !== undefined ? createLiveView(context) : createLineView(context);
}

/** A line for every change, for logs and pipes; for JSON and YAML a document for every changed rollout. */
function createLineView({ printer, io }: CommandContext): Show {
  const shown = new Map<string, string>();
  const isNew = (key: string, text: string) => shown.get(key) !== text && shown.set(key, text);
  const startedMs = io.nowMs();
  let isFirst = true;
  const draw = (rollout: RolloutView) => {
    const nowMs = io.nowMs();
    // What is there at the first look may be long past; what comes later has just happened.
    const unknownMs = isFirst && rollout.startedAtMs < startedMs ? undefined : nowMs;
    for (const { key, text, atMs = unknownMs } of changes(rollout)) {
      if (!isNew(key, text)) continue;
      const when = atMs === undefined ? 'earlier ' : timeText(atMs, nowMs);
      printer.line(`${when} ${rollout.application} ${shortId(rollout.revision)} ${oneLine(text)}`);
    }
  };
  return async (list) => {
    for (const rollout of list) {
      if (printer.format === 'table') draw(rollout);
      else if (isNew(rollout.application, withoutTimes(rollout))) await printer.machineLine(rollout);
    }
    isFirst = false;
  };
}

/** Times go on by themselves: nothing has changed by that. */
function withoutTimes({ progress: _, ...rollout }: RolloutView): string {
  return JSON.stringify(rollout);
}

interface Change {
  readonly key: string;
  readonly text: string;
  /** When it happened, where the hub knows it. */
  readonly atMs: number | undefined;
}

function changes(rollout: RolloutView): Change[] {
  const { id, phase, reason, startedAtMs, endedAtMs } = rollout;
  return [
    ...rollout.stages.flatMap((stage) => stageChanges(id, stage)),
    {
      key: id,
      text: `rollout ${phase}${reason === '' ? '' : `: ${reason}`}`,
      atMs: endedAtMs ?? (phase === 'waiting' ? startedAtMs : undefined),
    },
  ];
}

function stageChanges(
  id: string,
  { name, phase, sinceMs, clusters, gates = [] }: RolloutView['stages'][number],
): Change[] {
  const ofClusters = clusters
    .filter((cluster) => cluster.phase !== 'waiting')
    .map((cluster) => ({
      key: `${id}/${name}/${cluster.name}`,
      text: `stage ${name}: ${cluster.name} ${cluster.phase}${cluster.message === '' ? '' : `, ${cluster.message}`}`,
      atMs: cluster.sinceMs,
    }));
  const ofGates = gates
    .filter((gate) => gate.phase !== 'waiting')
    .map((gate) => ({
      key: `${id}/${name}/gate ${gate.name}`,
      text: `stage ${name}: ${gateText(gate)}`,
      atMs: gate.phase === 'open' ? undefined : gate.sinceMs,
    }));
  if (phase === 'waiting') return [...ofClusters, ...ofGates];
  return [...ofClusters, ...ofGates, { key: `${id}/${name}`, text: `stage ${name} ${phase}`, atMs: sinceMs }];
}

/** Redraws in place on a terminal. */
function createLiveView({ printer, io }: CommandContext): Show {
  let height = 0;
  return async (list) => {
    const text = list.map((rollout) => rolloutLines(rollout, printer.paint, io.nowMs())).join('');
    if (height > 0) printer.raw(`\x1b[${height}A\x1b[0J`);
    printer.raw(text);
    height = linesOnScreen(text, printer.columns ?? 80);
  };
}

const colourCodes = /\x1b\[[0-9;]*m/g;

function linesOnScreen(text: string, columns: number): number {
  const lines = text.replace(colourCodes, '').split('\n').slice(0, -1);
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
}
