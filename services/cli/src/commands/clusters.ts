import type { ClusterView } from '@meridian/fleet';
import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { drawLimits } from '../limits.ts';
import { isClusters } from '../shapes.ts';
import type { Cell, Table } from '../table.ts';
import { durationText } from '../text.ts';
import { ageCell } from '../view.ts';

/** `meridian clusters` */
export const clusters: Command<object> = async ({ client, printer, io }) => {
  const list = await client().get('/v1/clusters', isClusters);
  if (await printer.machine(list)) return exitCodes.ok;
  if (list.length === 0) printer.line('no clusters: the fleet repo declares none (kind: Cluster)');
  else printer.table(clusterTable(list, io.nowMs()));
  drawLimits(printer, list);
  return exitCodes.ok;
};

/** The table of `meridian clusters`. */
export function clusterTable(list: readonly ClusterView[], nowMs: number): Table {
  return {
    header: [
      'cluster',
      'agent',
      'seen',
      'source',
      'certificate',
      'kubernetes',
      'synced',
      'healthy',
      'drifted',
      'labels',
    ],
    rows: list.map((cluster) => [
      { text: cluster.name, tone: 'strong' },
      agentCell(cluster),
      ageCell(cluster.status),
      sourceCell(cluster),
      certificateCell(cluster, nowMs),
      cluster.status?.kubernetesVersion ?? '-',
      `${cluster.synced}/${cluster.applications}`,
      `${cluster.healthy}/${cluster.applications}`,
      String(cluster.drifted),
      Object.entries(cluster.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ]),
  };
}

/** A cluster that is frozen stays `connected`: its agent looks and reports. */
function agentCell(cluster: ClusterView): Cell {
  if (!cluster.connected) return { text: 'away', tone: 'bad' };
  if (cluster.status?.limits?.stopped === true) return { text: 'connected, writes nothing', tone: 'bad' };
  return { text: 'connected', tone: 'good' };
}

/** Whether the agent reaches NATS: when it does not, it goes on with its last known good state. */
function sourceCell({ status }: ClusterView) {
  if (status === null) return '-';
  return status.sourceConnected
    ? { text: 'ok', tone: 'good' as const }
    : { text: 'cut off', tone: 'bad' as const };
}

/** How long the certificate that the agent attached with is good for. Hubs before this version do not say. */
function certificateCell({ status }: ClusterView, nowMs: number): Cell {
  const life = status?.certificate;
  if (life === undefined) return { text: '-', tone: 'dim' };
  const leftMs = life.endsAtMs - nowMs;
  if (leftMs <= 0) return { text: 'ended', tone: 'bad' };
  // A fifth of the life: by then it should have been renewed.
  const isLate = leftMs < (life.endsAtMs - life.startsAtMs) / 5;
  return { text: durationText(leftMs), tone: isLate ? 'bad' : 'dim' };
}
