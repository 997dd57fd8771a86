import { soaking, staged } from '../rig/manifests.ts';
import { askFleet, tellHub } from './ask-fleet.ts';
import { convergeGoalMs, leader, nextWrite, pause, timed } from './fault.ts';
import type { Fault, Scene } from './fault.ts';

const operators = 3;
const wordsEach = 6;
const failoverGoalMs = 5_000;
const soakWithinMs = 20_000;
const verbs = ['hold', 'hold', 'pause', 'resume', 'abort', 'retry', 'promote', 'promote'] as const;

/** Three people promote the same soak, hold, release, pause and go on, all at once, while the leader dies. */
export const operatorFaults: readonly Fault[] = [
  {
    ...{ kind: 'operators during a failover', row: 'F22', convergeGoalMs },
    async strike(scene) {
      const hub = leader(scene);
      const storm = `storm ${scene.random.whole(1, 1_000_000_000)}`;
      const release = await soakingRelease(scene);
      const people = Array.from({ length: operators }, async (_, who) => {
        const reason = `${storm}, person ${who}`;
        await promote(scene, release, `${reason}, first`);
        await operate(scene, reason);
      });
      await pause(scene, 100, 600);
      await hub.kill();
      const written = await nextWrite(scene, failoverGoalMs, ({ holder }) => holder !== hub.name);
      await hub.start();
      await Promise.all(people);
      await goOn(scene, storm);
      return [written];
    },
  },
];

interface Rollout {
  readonly application: string;
  readonly release: string;
  readonly stages: readonly { readonly phase: string }[];
}

/** A release of which a stage soaks now; undefined when none does in time. */
async function soakingRelease(scene: Scene): Promise<string | undefined> {
  let release: string | undefined;
  await timed(
    scene,
    async () => {
      const rollouts = await askFleet<Rollout[]>(scene.rig, '/v1/rollouts');
      const soaks = rollouts.find(
        ({ application, stages }) =>
          application === soaking.name && stages.some(({ phase }) => phase === 'soaking'),
      );
      release = soaks?.release;
      return soaks !== undefined;
    },
    performance.now(),
    soakWithinMs,
  );
  return release;
}

/** One of several who promote at the same moment: whoever is late is refused, or meets the soak of the next stage. */
async function promote({ rig, random, signal }: Scene, release: string | undefined, reason: string) {
  if (release === undefined) return;
  const path = `/v1/applications/${soaking.name}/rollout/promote`;
  await tellHub(rig, random.pick(rig.hubs), path, { release, reason }).catch(() => signal.throwIfAborted());
}

/** One person's words, each with a reason that is given once; what is refused in the storm is only refused. */
async function operate(scene: Scene, who: string): Promise<void> {
  for (let count = 0; count < wordsEach; count += 1) {
    const reason = `${who}, word ${count}`;
    const verb = scene.random.pick(verbs);
    const application = verb === 'promote' ? soaking.name : scene.random.pick([...staged, soaking]).name;
    try {
      await say(scene, { application, verb, reason });
      // The other words may be answered without a record: what they ask for is so already.
      if (verb === 'hold') scene.noteAcknowledged(reason);
    } catch {
      scene.signal.throwIfAborted();
    }
  }
}

async function say(
  { rig, random }: Scene,
  { application, verb, reason }: { application: string; verb: string; reason: string },
): Promise<void> {
  const hub = random.pick(rig.hubs);
  if (verb === 'hold') {
    const hold = { scope: 'application', name: application, reason, forMs: 20_000 };
    return tellHub(rig, hub, '/v1/holds', hold);
  }
  const rollouts = await askFleet<Rollout[]>(rig, '/v1/rollouts');
  const release = rollouts.find((rollout) => rollout.application === application)?.release;
  return tellHub(rig, hub, `/v1/applications/${application}/rollout/${verb}`, { release, reason });
}

/** Takes back what stops rollouts; what nothing stops is refused, which is well. */
async function goOn(scene: Scene, storm: string): Promise<void> {
  for (const { name } of [...staged, soaking]) {
    const reason = `${storm} is over for ${name}`;
    const [hub] = scene.rig.hubs.filter((one) => one.isRunning());
    const hold = { scope: 'application', name, reason };
    if (hub) await tellHub(scene.rig, hub, '/v1/holds/release', hold).catch(() => undefined);
    await say(scene, { application: name, verb: 'resume', reason: `${reason}, go on` }).catch(
      () => undefined,
    );
  }
  scene.signal.throwIfAborted();
}
