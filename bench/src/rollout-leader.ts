import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '@meridian/testkit';
import { figuresOf } from './figure.ts';
import type { Figure } from './figure.ts';
import { markedFiles, stagedApplication } from './rollout-files.ts';
import { allAttached, publish } from './rollout-rig.ts';
import type { RolloutRig } from './rollout-rig.ts';
import { completedAtMs } from './rollout-stages.ts';
import { rolloutIn } from './rollout-watch.ts';

/**
 * Kills the leader in the middle of a rollout with SIGKILL: until its successor has written its first decision, and
 * until the rollout has gone on to its end. The limit is what was left of the lock in Redis, which nobody can take earlier.
 */
export async function leaderFigures(rig: RolloutRig, rounds: number): Promise<readonly Figure[]> {
  const decisions: number[] = [];
  const completions: number[] = [];
  const locks: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const commit = await rig.repo.stage(markedFiles(stagedApplication, `kill-${round}`));
    const inSecondStage = secondStage(rig, commit);
    const completed = completedAtMs(rig, stagedApplication, commit);
    await publish(rig, commit);
    await inSecondStage;
    const { holder, term } = rig.watch.leader();
    const leader = rig.hubs.find(({ name }) => name === holder);
    if (!leader) throw new Error(`nobody knows the leader ${holder}`);
    const decided = firstDecision(rig, term);
    const lockMs = await lockLeftMs(rig.redis.port);
    const killedAtMs = Date.now();
    process.kill(leader.pid(), 'SIGKILL');
    const decisionMs = (await decided) - killedAtMs;
    rig.context.progress(`leader kill ${round + 1} of ${rounds}: next decision after ${decisionMs} ms`);
    decisions.push(decisionMs);
    completions.push((await completed) - killedAtMs);
    locks.push(lockMs);
    await leader.kill();
    await leader.start('ready');
    await allAttached(rig);
  }
  const against = { name: 'what was left of the lock', samples: locks };
  const statistics = ['p50', 'p90', 'p99', 'max'] as const;
  return [
    ...figuresOf('rollout', {
      figure: 'leader killed with -9 in a rollout to the first decision of its successor',
      unit: 'ms',
      samples: decisions,
      statistics,
      against,
    }),
    ...figuresOf('rollout', {
      figure: 'leader killed with -9 in a rollout to the end of the rollout',
      unit: 'ms',
      samples: completions,
      statistics,
      against,
    }),
  ];
}

function secondStage(rig: RolloutRig, commit: string): Promise<true> {
  return rig.watch.next('the second stage', (message) => {
    const state = rolloutIn(message, stagedApplication);
    return state?.phase === 'progressing' && state.target.release.revision === commit && state.stage >= 1
      ? true
      : undefined;
  });
}

/** The ledger's time of the first state or assignment of a later term. */
function firstDecision(rig: RolloutRig, term: number): Promise<number> {
  return rig.watch.next('a decision of the next leader', ({ subject, term: its, atMs }) => {
    const isDecision =
      subject.startsWith('ledger.main.rollout.') || subject.startsWith('ledger.main.assign.');
    return isDecision && its > term ? atMs : undefined;
  });
}

/** Milliseconds until the leader's lock in Redis ends if nobody renews it. */
export async function lockLeftMs(port: number): Promise<number> {
  return until('a lock in Redis', async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    try {
      await once(socket, 'connect');
      socket.write('PTTL meridian:{main}:lock\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      const left = Number(answer.toString().slice(1));
      return left > 0 ? left : undefined;
    } finally {
      socket.destroy();
    }
  });
}
