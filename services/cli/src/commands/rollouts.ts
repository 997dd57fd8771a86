import type { GateView, RolloutView } from '@meridian/fleet';
import { approveCommand } from '../approval.ts';
import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { refuseUnknownNames } from '../known-names.ts';
import { isRollouts } from '../shapes.ts';
import { standingLines } from '../standing.ts';
import type { Paint, Tone } from '../style.ts';
import { agoText, durationText, oneLine, shortId } from '../text.ts';

/** `meridian rollouts [--application NAME]` */
export const rollouts: Command<{ application?: string }> = async (
  { client, printer, io },
  { application },
) => {
  const api = client();
  const all = await api.get('/v1/rollouts', isRollouts);
  const list = application === undefined ? all : all.filter((rollout) => rollout.application === application);
  if (list.length === 0) await refuseUnknownNames(api, { application });
  if (await printer.machine(list)) return exitCodes.ok;
  if (list.length === 0) printer.line('no rollouts yet');
  printer.raw(
    list
      .map((rollout) => `${rolloutLines(rollout, printer.paint, io.nowMs())}${approvalHint(rollout)}`)
      .join('\n'),
  );
  return exitCodes.ok;
};

function approvalHint({ application, approvalNeeded }: RolloutView): string {
  return approvalNeeded ? `  ${oneLine(approveCommand(application, approvalNeeded))}\n` : '';
}

type Phase =
  | RolloutView['phase']
  | RolloutView['stages'][number]['phase']
  | GateView['phase']
  | RolloutView['stages'][number]['clusters'][number]['phase'];

const tones: { readonly [phase in Phase]: Tone } = {
  progressing: 'busy',
  paused: 'busy',
  rollingBack: 'busy',
  rolledBack: 'bad',
  aborted: 'bad',
  completed: 'good',
  halted: 'bad',
  superseded: 'dim',
  waiting: 'dim',
  soaking: 'busy',
  gated: 'busy',
  open: 'busy',
  passed: 'good',
  failed: 'bad',
  assigned: 'busy',
  healthy: 'good',
};

/** Tone of a phase; a phase this version does not know is plain. */
export function phaseTone(phase: Phase): Tone {
  return tones[phase] ?? 'plain';
}

/** A rollout with its stages and clusters, newline at the end of each line. */
export function rolloutLines(rollout: RolloutView, paint: Paint, nowMs: number): string {
  const took =
    rollout.endedAtMs === null
      ? `started ${agoText(rollout.startedAtMs, nowMs)}`
      : `took ${durationText(rollout.endedAtMs - rollout.startedAtMs)}, ended ${agoText(rollout.endedAtMs, nowMs)}`;
  const head = `${paint('strong', oneLine(rollout.application))} ${oneLine(shortId(rollout.revision))} ${paint(phaseTone(rollout.phase), oneLine(rollout.phase))}, ${took}`;
  // What goes on says more than the decision before it.
  const { progress = '' } = rollout;
  const said = progress === '' ? rollout.reason : progress;
  const reason = said === '' ? [] : [`  ${oneLine(said)}`];
  const standing = standingLines(rollout, nowMs).map((line) => `  ${line}`);
  return [head, ...reason, ...standing, ...rollout.stages.flatMap((stage) => stageLines(stage, paint, nowMs))]
    .map((line) => `${line}\n`)
    .join('');
}

/** The gates of a stage stand around its clusters, as they are tried. */
function stageLines(stage: RolloutView['stages'][number], paint: Paint, nowMs: number): string[] {
  const { gates = [] } = stage;
  const of = (side: GateView['side']) =>
    gates.filter((gate) => gate.side === side).map((gate) => gateLine(gate, paint, nowMs));
  return [...of('before'), stageLine(stage, paint), ...of('after')];
}

function gateLine(gate: GateView, paint: Paint, nowMs: number): string {
  const { name, phase, message, sinceMs } = gate;
  const said = message === '' ? '' : `: ${oneLine(message)}`;
  const since = phase === 'open' && sinceMs !== undefined ? ` (for ${durationText(nowMs - sinceMs)})` : '';
  return `    gate ${oneLine(name)} ${paint(phaseTone(phase), oneLine(phase))}${said}${since}`;
}

/** `gate qa open: waits for 2 approvals, and has 0`. */
export function gateText({ name, phase, message }: GateView): string {
  const said = message === '' ? '' : `: ${oneLine(message)}`;
  return `gate ${oneLine(name)} ${phase}${said}`;
}

/** How many clusters of a stage are listed; of more, those that need a look come first and the others are counted. */
const mostListed = 20;

function stageLine(stage: RolloutView['stages'][number], paint: Paint): string {
  const { clusters } = stage;
  const isLong = clusters.length > mostListed;
  const byNeed = isLong ? clusters.toSorted((a, b) => needOf(a.phase) - needOf(b.phase)) : clusters;
  const listed = byNeed.slice(0, mostListed).map((cluster) => {
    const message = cluster.message === '' ? '' : ` (${oneLine(cluster.message)})`;
    return `${oneLine(cluster.name)} ${paint(phaseTone(cluster.phase), oneLine(cluster.phase))}${cluster.phase === 'healthy' ? '' : message}`;
  });
  const others = Map.groupBy(byNeed.slice(mostListed), ({ phase }) => phase);
  const counts = [...others].map(([phase, { length }]) => `${length} ${oneLine(phase)}`).join(', ');
  const more = counts === '' ? '' : `, and ${counts}`;
  return `  ${oneLine(stage.name).padEnd(14)} ${paint(phaseTone(stage.phase), oneLine(stage.phase).padEnd(11))} ${listed.join(', ')}${more}`;
}

type ClusterPhase = RolloutView['stages'][number]['clusters'][number]['phase'];

const needs: readonly ClusterPhase[] = ['failed', 'assigned', 'waiting', 'healthy'];

function needOf(phase: ClusterPhase): number {
  return needs.indexOf(phase);
}
