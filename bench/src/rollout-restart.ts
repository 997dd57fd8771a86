import { setTimeout } from 'node:timers/promises';
import type { FleetView } from '@meridian/fleet';
import { until } from '@meridian/testkit';
import { figuresOf } from './figure.ts';
import type { Figure } from './figure.ts';
import { markedFiles, otherApplications } from './rollout-files.ts';
import { allAttached, anotherHub } from './rollout-rig.ts';
import type { RolloutRig } from './rollout-rig.ts';
import { rolloutIn } from './rollout-watch.ts';

interface Samples {
  readonly claims: number[];
  readonly decisions: number[];
  readonly releases: number[];
  readonly views: number[];
  readonly reads: number[];
}

/**
 * Kills the only hub with SIGKILL, commits, and starts it again at once: until it leads, until it has decided upon the commit
 * by all that the ledger and the statuses say, until it has rendered all of the commit for every cluster, and until every
 * cluster has attached again and the view shows them all. The limit is a client that does nothing but read the same ledger and the same statuses.
 */
export async function restartFigures(
  rig: RolloutRig,
  size: { readonly applications: number; readonly rounds: number },
): Promise<readonly Figure[]> {
  const samples: Samples = { claims: [], decisions: [], releases: [], views: [], reads: [] };
  for (let round = 0; round < size.rounds; round += 1) {
    rig.context.progress(`hub restart ${round + 1} of ${size.rounds}`);
    await oneRestart(rig, { ...size, round }, samples);
  }
  const over = `${rig.clusters.length} light clusters x ${size.applications} applications`;
  const against = { name: 'bare read of ledger and statuses', samples: samples.reads };
  const published = {
    by: 'KubeFleet, its max with 1,000 clusters x 1,000 placements',
    statistic: 'max',
    value: 821_000,
  } as const;
  const shared = { unit: 'ms', statistics: ['p50', 'max'] as const, against };
  return [
    ...figuresOf('rollout', {
      ...shared,
      figure: `hub restarted over ${over} to its claim`,
      samples: samples.claims,
    }),
    ...figuresOf('rollout', {
      ...shared,
      figure: `hub restarted over ${over} to its decision on a new commit`,
      samples: samples.decisions,
      published,
    }),
    ...figuresOf('rollout', {
      ...shared,
      figure: `hub restarted over ${over} to all of the commit rendered`,
      samples: samples.releases,
    }),
    ...figuresOf('rollout', {
      ...shared,
      figure: `hub restarted over ${over} to all attached, synced and healthy in its view`,
      samples: samples.views,
      published,
    }),
  ];
}

async function oneRestart(
  rig: RolloutRig,
  { applications, round }: { readonly applications: number; readonly round: number },
  samples: Samples,
): Promise<void> {
  const { watch, ledger, context } = rig;
  const hub = anotherHub(rig);
  const [application = ''] = otherApplications(applications);
  const commit = await rig.repo.stage(markedFiles(application, `restart-${round}`));
  const { term } = watch.leader();
  const claimed = watch.next('a claim', (message) =>
    message.subject.endsWith('.claim') && message.term > term ? message.atMs : undefined,
  );
  const decided = watch.next('a decision on the commit', (message) =>
    rolloutIn(message, application)?.target.release.revision === commit ? message.atMs : undefined,
  );
  await hub.kill();
  await rig.repo.move(commit);
  const startMs = Date.now();
  await hub.start('spawned');
  samples.claims.push((await claimed) - startMs);
  samples.decisions.push((await decided) - startMs);
  samples.releases.push((await allReleased(rig, commit)) - startMs);
  samples.views.push((await whole(rig)) - startMs);
  await allAttached(rig);
  const readMs = performance.now();
  await ledger.lastBySubject('ledger.main.>', context.signal);
  await ledger.statusBoard.all(context.signal);
  samples.reads.push(performance.now() - readMs);
}

/** Unix time in milliseconds when a hub is at a commit and says of nothing that it is still being rendered. */
function allReleased(rig: RolloutRig, commit: string): Promise<number> {
  return untilView(rig, 'all of the commit rendered', ({ source, problems }) => {
    return source.revision === commit && problems.length === 0;
  });
}

/** Unix time in milliseconds when a hub's view has every cluster connected and every application synced and healthy. */
export function whole(rig: RolloutRig): Promise<number> {
  return untilView(rig, 'the whole fleet in the view', ({ clusters, applications }) => {
    const isSettled =
      applications.synced === applications.total && applications.healthy === applications.total;
    return clusters.connected === rig.clusters.length && isSettled && applications.total > 0;
  });
}

function untilView(rig: RolloutRig, what: string, is: (view: FleetView) => boolean): Promise<number> {
  const { api } = anotherHub(rig);
  return until(
    what,
    async () => {
      // A look costs the hub itself time at this size; one in half a second is no load.
      await setTimeout(500);
      const answer = await fetch(`${api}/v1/fleet`, {
        headers: { authorization: `Bearer ${rig.identity.token}` },
        signal: AbortSignal.timeout(5_000),
      });
      return is((await answer.json()) as FleetView) ? Date.now() : undefined;
    },
    600_000,
  );
}
