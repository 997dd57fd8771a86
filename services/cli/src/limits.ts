import type { ClusterView } from '@meridian/fleet';
import type { Printer } from './output.ts';
import { countText, oneLine } from './text.ts';

/** Whether the administrator of a cluster, or limits that cannot be read, keep its agent from doing what it shall. */
export function isHeldBack({ status }: ClusterView): boolean {
  return status?.limits?.stopped === true || status?.limits?.problem !== undefined;
}

/** What holds back the agent of a cluster, one sentence each. */
function holdingBack({ status }: ClusterView): readonly string[] {
  const { freeze, problem, stopped } = status?.limits ?? {};
  const until = freeze?.untilMs === undefined ? '' : ` until ${new Date(freeze.untilMs).toISOString()}`;
  const inForce = stopped === true ? 'nothing is written' : 'those before them are in force';
  return [
    ...(freeze ? [`FROZEN by ${freeze.author}${until}: ${freeze.reason}`] : []),
    ...(problem === undefined ? [] : [`its own limits cannot be read, ${inForce}: ${problem}`]),
  ];
}

/** Draws the clusters whose agents are held back by their own limits, and why. */
export function drawHeldBack(printer: Printer, clusters: readonly ClusterView[]): void {
  const held = clusters.filter(isHeldBack);
  if (held.length === 0) return;
  printer.raw(
    `\n${printer.paint('bad', `${countText(held.length, 'cluster')} held back by limits of its own`)}\n`,
  );
  for (const cluster of held)
    for (const why of holdingBack(cluster)) printer.line(`  ${oneLine(cluster.name)}: ${oneLine(why)}`);
}

/** Draws what each cluster allows; only its administrator can change that. */
export function drawLimits(printer: Printer, clusters: readonly ClusterView[]): void {
  const limited = clusters.filter(({ status }) => status?.limits !== undefined);
  if (limited.length === 0) return;
  printer.raw(`\n${printer.paint('strong', 'limits of their own')}\n`);
  for (const cluster of limited) {
    const lines = [...holdingBack(cluster), ...(cluster.status?.limits?.rules ?? [])];
    for (const line of lines) printer.line(`  ${oneLine(cluster.name)}: ${oneLine(line)}`);
  }
}
